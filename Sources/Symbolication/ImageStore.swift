internal import ELFImages

/// The images of a session and the frames in them. An image is read once, at the first address that is looked up in it.
struct ImageStore {
    private struct Key: Hashable {
        var path: String
        var buildID: [UInt8]?
        var source: MappedImage.Source
    }

    private struct Frame {
        /// Index of the image; -1 for the two frames that have none.
        var image: Int
        var name: String
    }

    private(set) var images: [MappedImage] = []
    private var indices: [Key: Int] = [:]
    private var frames: [Frame] = [Frame(image: -1, name: ""), Frame(image: -1, name: "[unknown]")]
    private(set) var problems: [ImageError] = []
    /// The process that each JIT image belongs to, by image index.
    var jitProcesses: [Int: JITProcess] = [:]
    var jitHistories: [JITHistory] = []
    /// Processes whose pid in their own namespace, or whose root directory, differs from the recorder's.
    var recordedProcesses: [Int32: RecordedProcess] = [:]
    var packedJITHistories: [PackedJITHistory] = []
    var places = ImagePlaces()
    /// The current time by the session's clock, and the next one at which a JIT image changes.
    var now: UInt64 = 0
    var nextJITChange = UInt64.max
    /// The ELF number of the recorded machine (`e_machine`), if known.
    var machine: UInt32?
    let style: NameStyle
    let loader: ImageLoader
    /// Reads some tables ahead of their use.
    var readAhead: SymbolReadAhead?
    let settings: SymbolSettings
    private var budget = LoadingBudget()
    /// Total bytes of the names longer than `longName`.
    private var longNames = 0
    /// Whether the session has a build ID for the vDSO.
    private let hasVDSO: Bool

    init(style: NameStyle, settings: SymbolSettings, hasVDSO: Bool) {
        self.style = style
        self.settings = settings
        self.hasVDSO = hasVDSO
        loader = ImageLoader(style: style, settings: settings)
    }

    var frameCount: Int { frames.count }

    func name(of frame: FrameID) -> String {
        let index = Int(frame.rawValue)
        return frames.indices.contains(index) ? frames[index].name : ""
    }

    func path(of frame: FrameID) -> String? {
        let index = Int(frame.rawValue)
        guard frames.indices.contains(index), images.indices.contains(frames[index].image) else { return nil }
        return images[frames[index].image].path
    }

    mutating func image(path: String, buildID: [UInt8]?, source: MappedImage.Source) -> Int {
        let key = Key(path: path, buildID: buildID, source: source)
        if let index = indices[key] { return index }
        images.append(MappedImage(path: path, buildID: buildID, source: source))
        indices[key] = images.count - 1
        return images.count - 1
    }

    /// The frame of an offset in an image. `symbols` is the image whose symbols name it, if that is another one: the
    /// kernel's, for a module.
    mutating func frame(image index: Int, offset: UInt64, symbols: Int? = nil) -> UInt32 {
        var source = symbols ?? index
        if images[source].table == nil { load(source) }
        if let present = images[source].present { source = present }
        let named = images[source]
        guard let symbol = named.table?.index(containing: offset) else { return unknownFrame(image: index) }
        let known = named.frames[symbol]
        return known != MappedImage.noFrame ? known : newFrame(image: source, symbol: symbol)
    }

    mutating func unknownFrame(image index: Int) -> UInt32 {
        let image = images[index]
        if image.unknownFrame == MappedImage.noFrame {
            switch style {
            case .best: image.unknownFrame = append(Frame(image: index, name: FoldedNames.best(unknownIn: image.path)))
            case .perf:
                let name = FoldedNames.perf(symbol: nil, dso: Array(image.path.utf8))
                image.unknownFrame = append(image: index, name: name)
            }
        }
        return image.unknownFrame
    }

    private mutating func newFrame(image index: Int, symbol: Int) -> UInt32 {
        let image = images[index]
        guard let raw = image.table?.name(at: symbol) else { return FrameID.unknown.rawValue }
        // The kernel's and the JIT compilers' names are not mangled.
        let isMangled = image.source == .file || image.source == .vdso
        let frame: UInt32
        switch style {
        case .perf:
            let name = image.source == .kernel ? raw.prefix { $0 != UInt8(ascii: "\t") } : raw
            let symbol = isMangled ? demangledAsPerf(name) : Array(name)
            let text = FoldedNames.perf(symbol: symbol, dso: Array(image.path.utf8))
            frame = append(image: index, name: text.map { shortened($0, of: image) })
        case .best:
            let name = image.source == .kernel ? raw.prefix { $0 != UInt8(ascii: "\t") } : raw
            let text =
                !isMangled
                ? FoldedNames.best(plain: name)
                : settings.recordedFiles != nil ? FoldedNames.android(symbol: name) : FoldedNames.best(symbol: name)
            frame = append(Frame(image: index, name: shortened(text, of: image)))
        }
        image.frames[symbol] = frame
        // Only a name that still looks mangled can have been too long to demangle.
        if isMangled, frames[Int(frame)].name.utf8.starts(with: raw.prefix(3)), Demangler.isTooLong(raw) {
            noteLongNames(image)
        }
        return frame
    }

    /// Once the names longer than `longName` total this many bytes, further ones are cut. A mangled name of 300 bytes
    /// may demangle to 16 KiB; of 507,352 names that were tried, 2,008 are longer than 1 KiB, 3.4 MB together.
    private static let mostLongNames = 64 << 20
    private static let longName = 1024
    private static let cutMark = "…"

    private mutating func shortened(_ text: [UInt8], of image: MappedImage) -> [UInt8] {
        guard text.count > Self.longName else { return text }
        longNames += text.count
        guard longNames > Self.mostLongNames else { return text }
        noteLongNames(image)
        var end = Self.longName - Self.cutMark.utf8.count
        // Do not cut within a UTF-8 sequence.
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return Array(text[..<end]) + Self.cutMark.utf8
    }

    private mutating func shortened(_ text: String, of image: MappedImage) -> String {
        guard text.utf8.count > Self.longName else { return text }
        return String(decoding: shortened(Array(text.utf8), of: image), as: UTF8.self)
    }

    private mutating func noteLongNames(_ image: MappedImage) {
        guard !image.hasLongNames else { return }
        image.hasLongNames = true
        problems.append(ImageError(path: image.path, reason: .longNames))
    }

    /// perf demangles the name of a PLT stub without its `@plt`.
    private func demangledAsPerf(_ name: ArraySlice<UInt8>) -> [UInt8] {
        let stub = Array("@plt".utf8)
        guard name.suffix(stub.count).elementsEqual(stub) else { return Demangler.perf(name) ?? Array(name) }
        let bare = name.dropLast(stub.count)
        return (Demangler.perf(bare) ?? Array(bare)) + stub
    }

    private mutating func append(image: Int, name: [UInt8]?) -> UInt32 {
        guard let name else { return FrameID.omitted.rawValue }
        return append(Frame(image: image, name: String(decoding: name, as: UTF8.self)))
    }

    private mutating func append(_ frame: Frame) -> UInt32 {
        guard let number = UInt32(exactly: frames.count), number < MappedImage.noFrame else {
            return FrameID.unknown.rawValue
        }
        frames.append(frame)
        return number
    }

    private mutating func load(_ index: Int) {
        let image = images[index]
        if let table = recordedTable(of: image) {
            set(table, for: image)
            return
        }
        guard settings.packed == nil else {
            setPacked(image)
            if image.source == .jitMap { loadPackedJIT(index) }
            return
        }
        let result: Result<SymbolTable, ImageError>
        switch image.source {
        case .none, .kernel: result = .success(SymbolTable())
        case .file:
            guard !budget.isSpent else {
                budget.tell { problems.append(ImageError(path: image.path, reason: .tooManyFiles)) }
                set(SymbolTable(), for: image)
                return
            }
            let start = LoadingBudget.now
            let found =
                readAhead?.take(path: image.path, buildID: image.buildID)
                ?? loader.table(path: image.path, buildID: image.buildID)
            result = found.map { found in
                if let problem = found.problem { problems.append(problem) }
                for limit in found.limits { addOnce(ImageError(path: image.path, reason: .limit(limit))) }
                return found.table
            }
            let whole = try? found.get()
            budget.take(whole?.table.byteCount ?? 0, of: whole?.files ?? [], time: LoadingBudget.now &- start)
        case .vdso: result = loader.vdsoTable(buildID: image.buildID, isInSession: hasVDSO)
        case .jitMap: return loadJIT(index)
        }
        switch result {
        case .success(let table): set(table, for: image)
        case .failure(let problem):
            addOnce(problem)
            set(SymbolTable(), for: image)
        }
    }

    func set(_ table: SymbolTable, for image: MappedImage) {
        image.table = table
        image.frames = ContiguousArray(repeating: MappedImage.noFrame, count: table.count)
    }

    /// Gives an image the symbols that a packed session holds for it, and returns its entry there.
    @discardableResult
    mutating func setPacked(_ image: MappedImage) -> PackedSymbols.Image? {
        let packed = settings.packed?.image(path: image.path, buildID: image.buildID, source: image.source)
        if packed?.isOtherFile == true { problems.append(ImageError(path: image.path, reason: .otherFile)) }
        set(packed?.table(style) ?? SymbolTable(), for: image)
        return packed
    }

    mutating func add(_ problem: ImageError) { problems.append(problem) }

    /// Adds a problem that another part of the image may have reported already.
    mutating func addOnce(_ problem: ImageError) { if !problems.contains(problem) { add(problem) } }
}
