internal import ELFImages
package import Unwinding

/// Names the addresses of a session.
///
/// It is told of maps, forks, execs and exits in the order of time, and asked for frames at the same time, so that each
/// address is looked up in what its process had mapped just then. Files are read when a first address falls into them.
package final class Symbolizer {
    package let style: NameStyle
    private let buildIDs: [String: [UInt8]]
    var images: ImageStore
    private var kernel: KernelMaps
    private var cache = FrameCache()
    /// Made at the first place that is asked for.
    private var placeCache: FrameCache?
    private var spaces: [Int32: AddressSpace] = [:]
    private var exited: EndedProcesses
    private var nextState = Symbolizer.nothingMapped + 1
    /// Those asked about last: samples come in runs.
    private var recentSpaces = RecentSpaces()
    /// Goes up whenever a process may have other maps, an address another frame, or `nextChange` may be another.
    private(set) var changes: UInt64 = 0
    /// Goes up whenever what frames were found for a state of the maps may be others from now on.
    private(set) var epoch: UInt64 = 0
    /// The state of a process of which nothing is mapped.
    private static let nothingMapped = KernelMaps.spaceNumber + 1
    /// Made at the first stack that is to be unwound.
    var unwinder: Unwinder?
    let architecture: Architecture?
    /// Of processes that compiled code as they ran: the image that names it and where it lay, as the recording itself says.
    private var compiledCode: [Int32: (image: Int, pages: [Range<UInt64>])] = [:]
    /// The recording has names of its own.
    let hasRecordedNames: Bool
    /// Those that the unwinder has asked for.
    var unwindImages: [Int32: UnwindImage] = [:]

    /// - Parameters:
    ///   - sessionBuildIDs: the session's BUILD_ID feature, path to build ID; the kernel as `[kernel.kallsyms]` or the
    ///     path of its vmlinux.
    ///   - kernelPaths: of those, which are the kernel's and its modules'; `nil`: any may be.
    ///   - architecture: of the recorded machine, where its stack dumps are to be unwound.
    ///   - other: what it has read of the kernel's symbols is used too.
    ///   - endedProcesses: how many exited processes are kept for samples that come late.
    package init(
        style: NameStyle, sessionBuildIDs: [String: [UInt8]] = [:], kernelPaths: Set<String>? = nil,
        settings: SymbolSettings = SymbolSettings(), architecture: Architecture? = nil,
        sharing other: Symbolizer? = nil, endedProcesses: Int = 8192
    ) {
        self.style = style
        self.architecture = architecture
        buildIDs = sessionBuildIDs
        images = ImageStore(style: style, settings: settings, hasVDSO: sessionBuildIDs["[vdso]"] != nil)
        images.machine = architecture.map { $0 == .x86_64 ? 62 : 183 }
        kernel = KernelMaps(
            paths: (kernelPaths ?? Set(sessionBuildIDs.keys)).sorted(), buildIDs: sessionBuildIDs, settings: settings,
            texts: other?.kernel.texts ?? KernelTexts())
        exited = EndedProcesses(limit: endedProcesses)
        hasRecordedNames = style == .best && settings.recordedFiles != nil
        guard hasRecordedNames, let recorded = settings.recordedFiles else { return }
        if let offset = recorded.damagedOffset {
            images.add(ImageError(path: "[recorded names]", reason: .recordedNames(offset: offset)))
        }
        for (process, file) in recorded.compiledCode {
            let path = MappedName.jitMap(of: process)
            let image = images.image(path: path, buildID: nil, source: .jitMap)
            compiledCode[process] = (image, file.pages)
            _ = newSpace(process)
        }
    }

    deinit { images.readAhead?.stop() }

    /// Has a second CPU read the symbols of the files that the session has build IDs for, since perf lists those that its samples are in.
    package func readAhead() { readTables(for: 1) }

    /// What one of two reads of the symbols of such files, the other has, too: two threads may each have one of them.
    package func shareTables(with other: Symbolizer) {
        readTables(for: 2)
        other.images.readAhead = images.readAhead
    }

    private func readTables(for readers: Int) {
        let settings = images.settings
        // A server is asked for what is met, and by one.
        guard settings.packed == nil, settings.debugServer == nil, images.readAhead == nil else { return }
        // The settings hold no reference to anything that changes, once there is no server in them.
        nonisolated(unsafe) let loader = images.loader
        images.readAhead = SymbolReadAhead(buildIDs, readers: readers) { path, buildID in
            unsafe loader.table(path: path, buildID: buildID)
        }
    }

    // MARK: - What happens

    /// MMAP or MMAP2: `process` has mapped `length` bytes of `path` from `fileOffset` on. Process -1 is the kernel; its own
    /// map is `[kernel.kallsyms]_text` with `fileOffset` the address of `_text`, as recorded.
    ///
    /// - Parameters:
    ///   - isHugePage: MAP_HUGETLB is among the flags: the memory is anonymous whatever its name.
    ///   - numbers: the file's, where the record has them.
    package func map(
        process: Int32, start: UInt64, length: UInt64, fileOffset: UInt64, path: String, buildID: [UInt8]?,
        isExecutable: Bool, isHugePage: Bool = false, numbers: FileNumbers? = nil
    ) {
        guard process != -1 else {
            kernel.map(
                start: start, length: length, fileOffset: fileOffset, path: path, buildID: buildID, images: &images)
            // What was outside the kernel's maps is not cached, but this map may have replaced another.
            forgetFrames()
            return
        }
        map(
            process: process, start: start, length: length, fileOffset: fileOffset,
            content(
                path: path, buildID: buildID, isExecutable: isExecutable, isHugePage: isHugePage, numbers: numbers))
    }

    /// A process has mapped what `content` tells.
    package func map(process: Int32, start: UInt64, length: UInt64, fileOffset: UInt64, _ content: MappedContent) {
        let bias = content.bias(start: start, fileOffset: fileOffset)
        let image =
            content.image
            ?? self.image(
                path: MappedName.jitMap(of: process), buildID: content.buildID, source: .jitMap,
                numbers: content.numbers)
        guard
            var mapping = Mapping(
                start: start, length: length, bias: bias, image: image, isExecutable: content.isExecutable)
        else { return }
        let space = spaces[process] ?? newSpace(process)
        var isCopy = false
        if content.isMemory, style == .best, let original = space.original(of: mapping),
            images.images[original.image].source == .file
        {
            (mapping.bias, mapping.image, isCopy) = (original.bias, original.image, true)
        }
        space.insert(mapping, newState: newState())
        changes &+= 1
        if isCopy { return }
        if content.source == .jitMap {
            if content.isAnonymous, images.note(jit: image, process, since: space.startedAt) { forgetFrames() }
        } else if content.isJITDump {
            let code = images.image(path: MappedName.jitMap(of: process), buildID: nil, source: .jitMap)
            images.note(
                dump: JITProcess.Dump(path: content.path, inode: content.numbers?.inode), image: code, process,
                since: space.startedAt)
            forgetFrames()
        }
    }

    /// The image of a file or of memory, of the build that the session says or its records.
    func image(path: String, buildID: [UInt8]?, source: MappedImage.Source, numbers: FileNumbers?) -> Int {
        let identified = numbers.flatMap { images.settings.identifiedFiles[path]?[$0] }
        return images.image(path: path, buildID: buildID ?? identified ?? buildIDs[path], source: source)
    }

    /// What comes happens at this time of the session's clock.
    package func advance(to time: UInt64) {
        // Asked for every sample: no call that would have all of `images` open.
        if time > images.now { images.now = time }
        if images.now >= images.nextJITChange, images.advance(to: time) { forgetFrames() }
    }

    /// KSYMBOL: the kernel has this function from now on, a BPF program for one. One that it takes away keeps its name until
    /// another stands at its address.
    package func kernelFunction(_ name: String, address: UInt64, length: UInt32) {
        guard !name.isEmpty, !name.contains(where: { $0 == " " || $0 == "\n" || $0 == "\t" }) else { return }
        kernel.add(function: name, address: address, length: length, images: &images)
        forgetFrames()
    }

    /// FORK of a new process: the child has the parent's maps, without a copy until either maps something.
    package func fork(parent: Int32, child: Int32) {
        guard parent != child else { return }
        let space = spaces[parent].map(AddressSpace.init(forkOf:)) ?? AddressSpace(state: newState())
        space.startedAt = images.now
        insertCompiledCode(child, space)
        spaces[child] = space
        recentSpaces.forget(child)
        changes &+= 1
    }

    /// COMM with the exec bit: the old program's maps go when the new one's first comes. perf keeps them, and so does its
    /// style; simpleperf keeps them, and joins stacks with earlier ones of the thread.
    package func exec(process: Int32) {
        guard style == .best, !hasRecordedNames else { return }
        let space = spaces[process] ?? newSpace(process)
        space.startedAt = images.now
        space.replaceAll()
    }

    /// EXIT of a process. Its maps stay for samples that come late, until its pid is used again or many others have exited.
    package func exit(process: Int32) {
        guard let space = spaces[process] else { return }
        let (number, forgotten) = exited.add(process)
        space.exitNumber = number
        guard let forgotten, spaces[forgotten.process]?.exitNumber == forgotten.number else { return }
        spaces[forgotten.process] = nil
        recentSpaces.forget(forgotten.process)
        changes &+= 1
    }

    /// What is known of where a process runs; `nil` of a new one of which nothing is.
    package func note(_ process: Int32, _ recorded: RecordedProcess?) {
        if recorded == nil, images.recordedProcesses.isEmpty { return }
        images.recordedProcesses[process] = recorded
    }

    // MARK: - What an address is called

    /// The frame of an address. `isReturnAddress`: it is where a call returns to, every frame's but the innermost's; the
    /// call itself lies before it, and perf's style does not care.
    package func frame(process: Int32, address: UInt64, isKernel: Bool, isReturnAddress: Bool) -> FrameID {
        let address = isReturnAddress && style == .best ? address &- 1 : address
        guard !isKernel else { return kernelFrame(address) }
        guard let mapping = space(of: process)?.mapping(containing: address) else { return .unknown }
        let image = UInt32(truncatingIfNeeded: mapping.image)
        let offset = address &+ mapping.bias
        if let frame = cache.frame(image: image, offset: offset) { return FrameID(rawValue: frame) }
        let frame = self.frame(image: mapping.image, offset: offset)
        cache.insert(frame.rawValue, image: image, offset: offset)
        return frame
    }

    /// The frame of an offset in an image.
    func frame(image: Int, offset: UInt64) -> FrameID {
        let before = images.nextJITChange
        let frame = images.frame(image: image, offset: offset)
        if images.nextJITChange != before { changes &+= 1 }
        return FrameID(rawValue: frame)
    }

    /// Callers' addresses lie in their calls already, see `SymbolSettings`.
    package var chainsHoldCalls: Bool { images.settings.chainsHoldCalls }

    /// From when on addresses may have other frames, if nothing else happens.
    var nextChange: UInt64 { images.nextJITChange }

    func kernelFrame(_ address: UInt64) -> FrameID {
        if let frame = cache.frame(image: FrameCache.kernel, offset: address) { return FrameID(rawValue: frame) }
        let wasLoaded = kernel.isLoaded
        let (frame, isMapped) = kernel.frame(address: address, images: &images)
        // With its symbols the kernel's map reaches further.
        if kernel.isLoaded != wasLoaded {
            epoch &+= 1
            changes &+= 1
        }
        if isMapped { cache.insert(frame, image: FrameCache.kernel, offset: address) }
        return FrameID(rawValue: frame)
    }

    /// Where in the source a user address lies, 0 for nowhere; to be asked when its frame is.
    package func place(process: Int32, address: UInt64, isReturnAddress: Bool) -> PlaceID {
        let address = isReturnAddress ? address &- 1 : address
        guard let mapping = space(of: process)?.mapping(containing: address) else { return 0 }
        let image = UInt32(truncatingIfNeeded: mapping.image)
        let offset = address &+ mapping.bias
        if let place = placeCache?.frame(image: image, offset: offset) { return place }
        let place = images.place(image: mapping.image, offset: offset)
        if placeCache == nil { placeCache = FrameCache() }
        placeCache?.insert(place, image: image, offset: offset)
        return place
    }

    package subscript(place: PlaceID) -> SourcePlace? { images.places.table[place] }

    /// The text of a frame as it stands in a folded stack: no `;` in it, except where perf makes two frames of `a->b`.
    package func name(of frame: FrameID) -> String { images.name(of: frame) }

    /// The text where the comm begins with `java`, which the folding of perf's output tidies further.
    package func javaName(of frame: FrameID) -> String { FoldedNames.java(images.name(of: frame)) }

    /// The path of the image that a frame lies in, as recorded; `nil` where there is none.
    package func imagePath(of frame: FrameID) -> String? { images.path(of: frame) }

    /// Frames have the numbers below this one.
    package var frameCount: Int { images.frameCount }

    /// Images that gave no names, in the order in which that was found out.
    package var problems: [ImageError] { images.problems }

    /// The symbols that were asked for so far, for a packed session.
    package var packedSymbols: PackedSymbols {
        var packed = images.packed
        if let kernel = kernel.packed(images) { packed.add(kernel) }
        for (path, _) in unwindProblems { packed.add(brokenUnwindTableOf: path) }
        return packed
    }

    // MARK: - Address spaces

    /// What a process has mapped just now, and the number that stands for it.
    func maps(of process: Int32) -> (state: UInt32, mappings: [Mapping]) {
        space(of: process).map { ($0.state, $0.mappings) } ?? (Self.nothingMapped, [])
    }

    func space(of process: Int32) -> AddressSpace? {
        if let space = recentSpaces[process] { return space }
        guard let space = spaces[process] else { return nil }
        recentSpaces.keep(space, of: process)
        return space
    }

    private func forgetFrames() {
        epoch &+= 1
        changes &+= 1
        cache.clear()
    }

    private func newSpace(_ process: Int32) -> AddressSpace {
        let space = AddressSpace(state: newState())
        insertCompiledCode(process, space)
        spaces[process] = space
        recentSpaces.forget(process)
        changes &+= 1
        return space
    }

    /// Of what the process compiled as it ran, the stretches in which nothing else is mapped.
    private func insertCompiledCode(_ process: Int32, _ space: AddressSpace) {
        guard let (image, pages) = compiledCode[process] else { return }
        for page in pages {
            let next = space.mappings.firstIndex(endingAfter: page.lowerBound)
            guard next == space.mappings.count || space.mappings[next].start >= page.upperBound else { continue }
            let length = page.upperBound - page.lowerBound
            guard let mapping = Mapping(start: page.lowerBound, length: length, bias: 0, image: image) else { continue }
            space.insert(mapping, newState: newState())
        }
    }

    private func newState() -> UInt32 {
        defer { nextState &+= 1 }
        return nextState
    }
}
