internal import ELFImages
public import Unwinding

/// Names the addresses of a session.
///
/// It is told of maps, forks, execs and exits in the order of time, and asked for frames at the same time, so that each
/// address is looked up in what its process had mapped just then. Files are read when a first address falls into them.
public final class Symbolizer {
    public let style: NameStyle
    private let buildIDs: [String: [UInt8]]
    var images: ImageStore
    private var kernel: KernelMaps
    private var cache = FrameCache()
    /// Made at the first place that is asked for.
    private var placeCache: FrameCache?
    private var spaces: [Int32: AddressSpace] = [:]
    private var exited: ExitedProcesses
    private var nextSpaceNumber = KernelMaps.spaceNumber + 1
    /// The process asked about last: samples come in runs.
    private var lastProcess: Int32?
    private var lastSpace: AddressSpace?
    /// Made at the first stack that is to be unwound.
    var unwinder: Unwinder?
    let architecture: Architecture?
    /// Those that the unwinder has asked for.
    var unwindImages: [Int32: UnwindImage] = [:]

    /// - Parameters:
    ///   - sessionBuildIDs: the session's BUILD_ID feature, path to build ID; the kernel as `[kernel.kallsyms]` or the
    ///     path of its vmlinux.
    ///   - architecture: of the recorded machine, where its stack dumps are to be unwound.
    ///   - other: what it has read of the kernel's symbols is used too.
    ///   - exitedProcesses: how many exited processes are kept for samples that come late.
    public init(
        style: NameStyle, sessionBuildIDs: [String: [UInt8]] = [:], settings: SymbolSettings = SymbolSettings(),
        architecture: Architecture? = nil, sharing other: Symbolizer? = nil, exitedProcesses: Int = 8192
    ) {
        self.style = style
        self.architecture = architecture
        buildIDs = sessionBuildIDs
        images = ImageStore(style: style, settings: settings, hasVDSO: sessionBuildIDs["[vdso]"] != nil)
        images.machine = architecture.map { $0 == .x86_64 ? 62 : 183 }
        kernel = KernelMaps(
            buildIDs: sessionBuildIDs, settings: settings, texts: other?.kernel.texts ?? KernelTexts())
        exited = ExitedProcesses(limit: exitedProcesses)
    }

    // MARK: - What happens

    /// MMAP or MMAP2: `process` has mapped `length` bytes of `path` from `fileOffset` on. Process -1 is the kernel; its own
    /// map is `[kernel.kallsyms]_text` with `fileOffset` the address of `_text`, as recorded.
    ///
    /// - Parameters:
    ///   - isHugePage: MAP_HUGETLB is among the flags: the memory is anonymous whatever its name.
    ///   - numbers: the file's, where the record has them.
    public func map(
        process: Int32, start: UInt64, length: UInt64, fileOffset: UInt64, path: String, buildID: [UInt8]?,
        isExecutable: Bool, isHugePage: Bool = false, numbers: FileNumbers? = nil
    ) {
        guard process != -1 else {
            kernel.map(
                start: start, length: length, fileOffset: fileOffset, path: path, buildID: buildID, images: &images)
            // What was outside the kernel's maps is not cached, but this map may have replaced another.
            cache = FrameCache()
            return
        }
        let isAnonymous = MappedName.isAnonymous(path) || isHugePage
        var bias = fileOffset &- start
        var path = path
        let source: MappedImage.Source
        if path == "[vdso]" {
            source = .vdso
            bias = 0 &- start
        } else if isAnonymous {
            bias = 0
            source = isExecutable ? .jitMap : .none
            if isExecutable { path = MappedName.jitMap(of: process) }
        } else if MappedName.isJITMap(path, style: style) {
            source = .jitMap
        } else {
            source = path.hasPrefix("/") ? .file : .none
        }
        let identified = numbers.flatMap { images.settings.identifiedFiles[path]?[$0] }
        let image = images.image(path: path, buildID: buildID ?? identified ?? buildIDs[path], source: source)
        guard let mapping = Mapping(start: start, length: length, bias: bias, image: image, isExecutable: isExecutable)
        else { return }
        let space = spaces[process] ?? newSpace(process)
        space.insert(mapping, newIdentity: newIdentity)
        if source == .jitMap {
            if isAnonymous { images.note(jit: image, process, since: space.startedAt) }
        } else if isExecutable, style == .best, MappedName.isJITDump(path) {
            let code = images.image(path: MappedName.jitMap(of: process), buildID: nil, source: .jitMap)
            images.note(
                dump: JITProcess.Dump(path: path, inode: numbers?.inode), image: code, process, since: space.startedAt)
            cache = FrameCache()
        }
    }

    /// What comes happens at this time of the session's clock.
    public func advance(to time: UInt64) {
        if images.advance(to: time) { cache = FrameCache() }
    }

    /// KSYMBOL: the kernel has this function from now on, a BPF program for one. One that it takes away keeps its name until
    /// another stands at its address.
    public func kernelFunction(_ name: String, address: UInt64, length: UInt32) {
        guard !name.isEmpty, !name.contains(where: { $0 == " " || $0 == "\n" || $0 == "\t" }) else { return }
        kernel.add(function: name, address: address, length: length, images: &images)
        cache = FrameCache()
    }

    /// FORK of a new process: the child has the parent's maps, without a copy until either maps something.
    public func fork(parent: Int32, child: Int32) {
        guard parent != child else { return }
        let space = spaces[parent].map(AddressSpace.init(forkOf:)) ?? AddressSpace(identity: newIdentity())
        space.startedAt = images.now
        spaces[child] = space
        if lastProcess == child { lastProcess = nil }
    }

    /// COMM with the exec bit: the old program's maps go when the new one's first comes. perf keeps them, and so does its
    /// style.
    public func exec(process: Int32) {
        guard style == .best else { return }
        let space = spaces[process] ?? newSpace(process)
        space.startedAt = images.now
        space.replaceAll()
    }

    /// EXIT of a process. Its maps stay for samples that come late, until its pid is used again or many others have exited.
    public func exit(process: Int32) {
        guard let space = spaces[process] else { return }
        let (number, forgotten) = exited.add(process)
        space.exitNumber = number
        guard let forgotten, spaces[forgotten.process]?.exitNumber == forgotten.number else { return }
        spaces[forgotten.process] = nil
        if lastProcess == forgotten.process { lastProcess = nil }
    }

    // MARK: - What an address is called

    /// The frame of an address. `isReturnAddress`: it is where a call returns to, every frame's but the innermost's; the
    /// call itself lies before it, and perf's style does not care.
    public func frame(process: Int32, address: UInt64, isKernel: Bool, isReturnAddress: Bool) -> FrameID {
        let address = isReturnAddress && style == .best ? address &- 1 : address
        guard !isKernel else { return FrameID(rawValue: kernelFrame(address)) }
        guard let space = space(of: process) else { return .unknown }
        let number = space.identity.number
        if let frame = cache.frame(space: number, address: address) { return FrameID(rawValue: frame) }
        guard let mapping = space.mapping(containing: address) else { return .unknown }
        let frame = images.frame(image: mapping.image, offset: address &+ mapping.bias)
        cache.insert(frame, space: number, address: address)
        return FrameID(rawValue: frame)
    }

    private func kernelFrame(_ address: UInt64) -> UInt32 {
        if let frame = cache.frame(space: KernelMaps.spaceNumber, address: address) { return frame }
        let (frame, isMapped) = kernel.frame(address: address, images: &images)
        if isMapped { cache.insert(frame, space: KernelMaps.spaceNumber, address: address) }
        return frame
    }

    /// Where in the source a user address lies, 0 for nowhere; to be asked when its frame is.
    public func place(process: Int32, address: UInt64, isReturnAddress: Bool) -> PlaceID {
        let address = isReturnAddress ? address &- 1 : address
        guard let space = space(of: process) else { return 0 }
        let number = space.identity.number
        if let place = placeCache?.frame(space: number, address: address) { return place }
        guard let mapping = space.mapping(containing: address) else { return 0 }
        let place = images.place(image: mapping.image, offset: address &+ mapping.bias)
        if placeCache == nil { placeCache = FrameCache() }
        placeCache?.insert(place, space: number, address: address)
        return place
    }

    public subscript(place: PlaceID) -> SourcePlace? { images.places.table[place] }

    /// The text of a frame as it stands in a folded stack: no `;` in it, except where perf makes two frames of `a->b`.
    public func name(of frame: FrameID) -> String { images.name(of: frame) }

    /// The text where the comm begins with `java`, which the folding of perf's output tidies further.
    public func javaName(of frame: FrameID) -> String { FoldedNames.java(images.name(of: frame)) }

    /// The path of the image that a frame lies in, as recorded; `nil` where there is none.
    public func imagePath(of frame: FrameID) -> String? { images.path(of: frame) }

    /// Frames have the numbers below this one.
    public var frameCount: Int { images.frameCount }

    /// Images that gave no names, in the order in which that was found out.
    public var problems: [ImageProblem] { images.problems }

    /// The symbols that were asked for so far, for a packed session.
    public var packedSymbols: PackedSymbols {
        var packed = images.packed
        if let kernel = kernel.packed(images) { packed.add(kernel) }
        for (path, _) in unwindProblems { packed.add(brokenUnwindTableOf: path) }
        return packed
    }

    // MARK: - Address spaces

    func space(of process: Int32) -> AddressSpace? {
        if process == lastProcess { return lastSpace }
        guard let space = spaces[process] else { return nil }
        lastProcess = process
        lastSpace = space
        return space
    }

    private func newSpace(_ process: Int32) -> AddressSpace {
        let space = AddressSpace(identity: newIdentity())
        spaces[process] = space
        if lastProcess == process { lastProcess = nil }
        return space
    }

    private func newIdentity() -> AddressSpace.Identity {
        defer { nextSpaceNumber &+= 1 }
        return AddressSpace.Identity(number: nextSpaceNumber)
    }
}
