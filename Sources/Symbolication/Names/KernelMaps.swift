internal import ELFImages
internal import Synchronization

/// The kernel's part of every address space: what the session says is mapped there, and kallsyms to name it.
struct KernelMaps {
    private let space: AddressSpace
    private let buildIDs: [String: [UInt8]]
    /// The paths in `buildIDs` that belong to the kernel and its modules, sorted.
    private let paths: [String]
    private let settings: SymbolSettings
    /// Index of the kernel's own image, and whether its symbols were looked for.
    private var kernelImage: Int?
    private(set) var isLoaded = false
    /// What to add to a recorded address: the kernel may have been booted again, at another random base.
    private var shift: UInt64 = 0
    /// A symbol and its address in the recording, from which `shift` is computed.
    private var anchor: (name: String, address: UInt64)?
    private var buildID: [UInt8]?
    /// The recorded addresses from the first to the last of the kernel's own symbols.
    private var extent: Range<UInt64>?
    /// Images of one function each, which the kernel registered during the recording (KSYMBOL).
    private var lateFunctions: Set<Int> = []

    /// The state number of the kernel's maps. It never changes: `Symbolizer.epoch` does.
    static let spaceNumber: UInt32 = 0

    let texts: KernelTexts

    init(paths: [String], buildIDs: [String: [UInt8]], settings: SymbolSettings, texts: KernelTexts) {
        self.paths = paths
        self.buildIDs = buildIDs
        self.texts = texts
        self.settings = settings
        space = AddressSpace(state: Self.spaceNumber)
    }

    private static let mainName = "[kernel.kallsyms]"

    /// The kernel's name in the session's table of build IDs: `[kernel.kallsyms]`, or the path of a vmlinux.
    private var kernelPath: String {
        paths.first { path in
            path.hasPrefix("[kernel") || path.split(separator: "/").last?.hasPrefix("vmlinux") == true
        } ?? Self.mainName
    }

    mutating func map(
        start: UInt64, length: UInt64, fileOffset: UInt64, path: String, buildID: [UInt8]?, images: inout ImageStore
    ) {
        let isKernel = path.hasPrefix(Self.mainName.dropLast())
        let name: String
        if isKernel {
            name = kernelPath
            self.buildID = buildID ?? buildIDs[name]
            let symbol = String(path.dropFirst(Self.mainName.count))
            if fileOffset != 0, !symbol.isEmpty { anchor = (symbol, fileOffset) }
        } else {
            let module = MappedName.moduleName(path) ?? path
            // A module is named by its path if the table of build IDs has it, else by its short name.
            name = paths.first { $0.hasPrefix("/") && MappedName.moduleName($0) == module } ?? module
        }
        let image = images.image(path: name, buildID: buildID, source: .kernel)
        if isKernel { kernelImage = image }
        var bias: UInt64 = 0
        if !isKernel, images.style == .best, let file = settings.recordedFiles?.module(path) {
            // Its symbols in the recording go by their offsets in the module's memory.
            images.set(file.table(shift: file.shift), for: images.images[image])
            bias = 0 &- start
        }
        guard let mapping = Mapping(start: start, length: length, bias: bias, image: image) else { return }
        space.insert(mapping, newState: Self.spaceNumber)
    }

    /// Adds a function that the kernel registered: a BPF program, a trampoline.
    mutating func add(function name: String, address: UInt64, length: UInt32, images: inout ImageStore) {
        let image = images.image(path: "\(name) at \(String(address, radix: 16))", buildID: nil, source: .none)
        guard let mapping = Mapping(start: address, length: UInt64(length), bias: 0, image: image) else { return }
        let line = Array("\(String(address, radix: 16)) t \(name)\n".utf8)
        images.set(SymbolTable(kallsyms: SymbolLines.kallsyms(line, anchor: nil).0), for: images.images[image])
        lateFunctions.insert(image)
        space.insert(mapping, newState: Self.spaceNumber)
    }

    /// The frame of a kernel address, and whether it may be cached.
    mutating func frame(address: UInt64, images: inout ImageStore) -> (frame: UInt32, isMapped: Bool) {
        if let mapping = space.mapping(containing: address) {
            if lateFunctions.contains(mapping.image) {
                return (images.frame(image: mapping.image, offset: address), true)
            }
            let offset = address &+ mapping.bias
            if mapping.image != kernelImage, images.images[mapping.image].table?.index(containing: offset) != nil {
                return (images.frame(image: mapping.image, offset: offset), true)
            }
            // Loading its symbols changes the kernel's own map, which may then no longer cover its modules.
            if !isLoaded {
                load(&images)
                return frame(address: address, images: &images)
            }
            return (images.frame(image: mapping.image, offset: address &+ shift, symbols: kernelImage), true)
        }
        guard images.style == .best else { return (FrameID.unknown.rawValue, false) }
        // A session that does not say where the kernel was mapped still has kernel addresses.
        load(&images)
        guard let kernelImage else { return (FrameID.unknown.rawValue, false) }
        return (images.frame(image: kernelImage, offset: address &+ shift), false)
    }

    private mutating func load(_ images: inout ImageStore) {
        guard !isLoaded else { return }
        isLoaded = true
        let image = kernelImage ?? images.image(path: kernelPath, buildID: nil, source: .kernel)
        kernelImage = image
        if images.style == .best, let table = recordedTable, table.count > 0 {
            images.set(table, for: images.images[image])
            return
        }
        guard settings.packed == nil else {
            extent = images.setPacked(images.images[image])?.extent
            if let extent { extend(image, extent) }
            return
        }
        let recorded = buildID ?? buildIDs[kernelPath]
        guard let path = kallsyms(recorded, &images), let text = texts.text(path, anchor: anchor?.name) else { return }
        let table = text.table
        if table.count == 0 { images.add(ImageError(path: settings.kallsyms, reason: .hiddenKernelSymbols)) }
        if let anchor, let address = text.anchor { shift = address &- anchor.address }
        images.set(table, for: images.images[image])
        extend(image, table)
    }

    /// The kernel's symbols that the recording itself holds, by recorded address: those that were met, or all.
    private var recordedTable: SymbolTable? {
        if let file = settings.recordedFiles?.kernel, !file.symbols.isEmpty { return file.table(shift: 0) }
        return settings.recordedKernelSymbols.map {
            SymbolTable(kallsyms: SymbolLines.kallsyms($0, anchor: nil).symbols)
        }
    }

    /// Extends the kernel's recorded map, which ends with the kernel's text proper, from its first symbol to its last,
    /// so that code that runs at boot has a name too; perf does the same.
    private mutating func extend(_ image: Int, _ table: SymbolTable) {
        func isKernel(_ index: Int) -> Bool { !table.name(at: index).contains(UInt8(ascii: "\t")) }
        guard let first = (0..<table.count).first(where: isKernel), let last = (0..<table.count).last(where: isKernel),
            let start = table.range(at: first)?.lowerBound, let end = table.range(at: last)?.upperBound,
            start < end
        else { return }
        let (upper, overflow) = (start &- shift).addingReportingOverflow(end - start)
        guard !overflow else { return }
        extent = start &- shift..<upper
        extend(image, start &- shift..<upper)
    }

    private func extend(_ image: Int, _ extent: Range<UInt64>) {
        let length = extent.upperBound - extent.lowerBound
        guard let mapping = Mapping(start: extent.lowerBound, length: length, bias: 0, image: image) else { return }
        space.extend(mapping)
    }

    /// The symbols that were met, at their recorded addresses; `nil` if no kernel address was looked up.
    func packed(_ images: borrowing ImageStore) -> PackedSymbols.Image? {
        guard isLoaded, let kernelImage else { return nil }
        var packed = images.packed(kernelImage, shift: shift)
        packed?.extent = extent
        return packed
    }

    /// The path of this machine's kallsyms if it runs the recorded kernel, else of a copy in perf's cache; `nil` if
    /// there is neither.
    private func kallsyms(_ recorded: [UInt8]?, _ images: inout ImageStore) -> String? {
        guard let recorded else {
            // The functions of another kernel would give wrong names.
            guard let distrust = settings.distrust else { return settings.kallsyms }
            images.addOnce(distrust)
            return nil
        }
        let running = TextFile.bytes(settings.kernelNotes, limit: 1 << 20).flatMap(BuildIDs.inNotes) ?? []
        if BuildIDs.match(recorded: recorded, found: running) { return settings.kallsyms }
        if let cache = settings.buildIDCache, let entry = BuildIDs.path(in: cache, recorded),
            texts.text(entry + "/kallsyms", anchor: anchor?.name) != nil
        {
            return entry + "/kallsyms"
        }
        images.add(ImageError(path: kernelPath, reason: .otherBuild(recorded: recorded, found: running)))
        return nil
    }
}

/// The symbols of kernels. Each text is read once for all symbolizers that share this, by the thread that needs it
/// first: the kernel takes 50 ms to write its own.
final class KernelTexts: Sendable {
    struct Text {
        var table: SymbolTable
        /// The address of the anchor symbol.
        var anchor: UInt64?
    }

    private let texts = Mutex<[String: Text]>([:])

    /// `nil` if the file cannot be read.
    func text(_ path: String, anchor: String?) -> Text? {
        let key = "\(path)\0\(anchor ?? "")"
        return texts.withLock { texts in
            if let known = texts[key] { return known }
            guard let bytes = TextFile.bytes(path, limit: 256 << 20) else { return nil }
            let (symbols, address) = SymbolLines.kallsyms(bytes, anchor: anchor)
            let text = Text(table: SymbolTable(kallsyms: symbols), anchor: address)
            texts[key] = text
            return text
        }
    }
}
