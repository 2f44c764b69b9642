internal import ELFImages
package import Unwinding

/// Names the addresses of a session.
///
/// It receives maps, forks, execs and exits in time order, interleaved with look-ups, so that each address is looked up
/// in what its process had mapped at that time. A file is read when the first address falls into it.
package final class Symbolizer {
    package let style: NameStyle
    private let buildIDs: [String: [UInt8]]
    var images: ImageStore
    private var kernel: KernelMaps
    private var cache = FrameCache()
    /// Created when the first source place is looked up.
    private var placeCache: FrameCache?
    private var spaces: [Int32: AddressSpace] = [:]
    private var exited: EndedProcesses
    private var nextState = Symbolizer.nothingMapped + 1
    /// The most recently used of `spaces`: samples come in runs.
    private var recentSpaces = RecentSpaces()
    /// Increases whenever a process's maps, the frame of an address or `nextChange` may have changed.
    private(set) var changes: UInt64 = 0
    /// Increases whenever frames found earlier for a state of the maps may no longer be right.
    private(set) var epoch: UInt64 = 0
    /// The state of a process that has nothing mapped.
    private static let nothingMapped = KernelMaps.spaceNumber + 1
    /// Created when the first stack is unwound.
    var unwinder: Unwinder?
    /// The rest of the stack of a sample that is next.
    var stackRest = StackRest()
    let architecture: Architecture?
    /// JIT code that the recording itself names, by process: its image and the pages that it was in.
    private var compiledCode: [Int32: (image: Int, pages: [Range<UInt64>])] = [:]
    /// Whether names that the recording itself holds are used.
    let hasRecordedNames: Bool
    /// Unwind tables that the unwinder has used, by image.
    var unwindImages: [Int32: UnwindImage] = [:]

    /// - Parameters:
    ///   - sessionBuildIDs: the session's BUILD_ID feature, path to build ID; the kernel as `[kernel.kallsyms]` or the
    ///     path of its vmlinux.
    ///   - kernelPaths: which of those belong to the kernel and its modules; `nil` if any may.
    ///   - architecture: the recorded machine's, if its stack dumps are to be unwound.
    ///   - other: another symbolizer, whose kernel symbols are shared.
    ///   - endedProcesses: how many exited processes are kept for late samples.
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

    /// Reads symbols on a second CPU, for the files that the session has build IDs for: perf lists the files that its
    /// samples fall into.
    package func readAhead() { readTables(for: 1) }

    /// Shares the tables of files with build IDs with another symbolizer, which another thread may use.
    package func shareTables(with other: Symbolizer) {
        readTables(for: 2)
        other.images.readAhead = images.readAhead
    }

    private func readTables(for readers: Int) {
        let settings = images.settings
        // A debug server is asked only about images that were met, and by a single thread.
        guard settings.packed == nil, settings.debugServer == nil, images.readAhead == nil else { return }
        // Without a debug server, the settings refer to nothing mutable.
        nonisolated(unsafe) let loader = images.loader
        images.readAhead = SymbolReadAhead(buildIDs, readers: readers) { path, buildID in
            unsafe loader.table(path: path, buildID: buildID)
        }
    }

    // MARK: - What happens

    /// MMAP or MMAP2: `process` has mapped `length` bytes of `path` from `fileOffset` on. Process -1 is the kernel; its
    /// own map is `[kernel.kallsyms]_text`, with the address of `_text` as recorded for `fileOffset`.
    ///
    /// - Parameters:
    ///   - isHugePage: MAP_HUGETLB is among the flags: the memory is anonymous whatever its name.
    ///   - numbers: the file's device and inode, if the record has them.
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

    /// MMAP or MMAP2 of a process, with the file or memory already resolved to `content`.
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

    /// The image of a file or of memory. The build ID is the record's own, else the session's for the file.
    func image(path: String, buildID: [UInt8]?, source: MappedImage.Source, numbers: FileNumbers?) -> Int {
        let identified = numbers.flatMap { images.settings.identifiedFiles[path]?[$0] }
        return images.image(path: path, buildID: buildID ?? identified ?? buildIDs[path], source: source)
    }

    /// Moves the current time, by the session's clock, forward to `time`.
    package func advance(to time: UInt64) {
        // Called for every sample: this avoids a mutating call that needs exclusive access to all of `images`.
        if time > images.now { images.now = time }
        if images.now >= images.nextJITChange, images.advance(to: time) { forgetFrames() }
    }

    /// KSYMBOL: the kernel has this function from now on, such as a BPF program. A function that it removes keeps its
    /// name until another takes its address.
    package func kernelFunction(_ name: String, address: UInt64, length: UInt32) {
        guard !name.isEmpty, !name.contains(where: { $0 == " " || $0 == "\n" || $0 == "\t" }) else { return }
        kernel.add(function: name, address: address, length: length, images: &images)
        forgetFrames()
    }

    /// FORK of a new process: the child has the parent's maps, which are copied only when either maps something.
    package func fork(parent: Int32, child: Int32) {
        guard parent != child else { return }
        let space = space(of: parent).map(AddressSpace.init(forkOf:)) ?? AddressSpace(state: newState())
        space.startedAt = images.now
        insertCompiledCode(child, space)
        spaces[child] = space
        recentSpaces.forget(child)
        changes &+= 1
    }

    /// COMM with the exec bit: the old program's maps are dropped at the new program's first map. In perf's style they
    /// stay, as in perf. They also stay in simpleperf recordings, as in simpleperf, which joins stacks with earlier
    /// ones of the thread.
    package func exec(process: Int32) {
        guard style == .best, !hasRecordedNames else { return }
        let space = spaces[process] ?? newSpace(process)
        space.startedAt = images.now
        space.replaceAll()
    }

    /// EXIT of a process. Its maps stay for late samples until its pid is reused or many others have exited.
    package func exit(process: Int32) {
        guard let space = spaces[process] else { return }
        let (number, forgotten) = exited.add(process)
        space.exitNumber = number
        guard let forgotten, let place = spaces.index(forKey: forgotten.process),
            spaces[place].value.exitNumber == forgotten.number
        else { return }
        spaces.remove(at: place)
        recentSpaces.forget(forgotten.process)
        changes &+= 1
    }

    /// Notes a process's pid in its own namespace and its root directory; `nil` if neither differs from the recorder's.
    package func note(_ process: Int32, _ recorded: RecordedProcess?) {
        if recorded == nil, images.recordedProcesses.isEmpty { return }
        images.recordedProcesses[process] = recorded
    }

    // MARK: - What an address is called

    /// The frame of an address. `isReturnAddress` says that it is a return address, as in every frame but the
    /// innermost: the call lies before it, which perf's style ignores.
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

    /// Whether callchains hold the addresses of calls; see `SymbolSettings`.
    package var chainsHoldCalls: Bool { images.settings.chainsHoldCalls }

    /// The time from which addresses may have other frames even without another record.
    var nextChange: UInt64 { images.nextJITChange }

    func kernelFrame(_ address: UInt64) -> FrameID {
        if let frame = cache.frame(image: FrameCache.kernel, offset: address) { return FrameID(rawValue: frame) }
        let wasLoaded = kernel.isLoaded
        let (frame, isMapped) = kernel.frame(address: address, images: &images)
        // Loading the kernel's symbols extends its map.
        if kernel.isLoaded != wasLoaded {
            epoch &+= 1
            changes &+= 1
        }
        if isMapped { cache.insert(frame, image: FrameCache.kernel, offset: address) }
        return FrameID(rawValue: frame)
    }

    /// The source place of a user address, 0 for none. Call this at the same time as looking up the frame.
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

    /// The text of a frame in a folded stack. It has no `;`, except where perf makes two frames of `a->b`.
    package func name(of frame: FrameID) -> String { images.name(of: frame) }

    /// The text of a frame if the comm begins with `java`: the folding of perf's output tidies those further.
    package func javaName(of frame: FrameID) -> String { FoldedNames.java(images.name(of: frame)) }

    /// The recorded path of the image that a frame is in; `nil` if it has none.
    package func imagePath(of frame: FrameID) -> String? { images.path(of: frame) }

    /// The number of frames; all raw values are lower.
    package var frameCount: Int { images.frameCount }

    /// Why images gave no names, or too few, in the order of discovery.
    package var problems: [ImageError] { images.problems }

    /// The symbols looked up so far, for a packed session.
    package var packedSymbols: PackedSymbols {
        var packed = images.packed
        if let kernel = kernel.packed(images) { packed.add(kernel) }
        for (path, _) in unwindProblems { packed.add(brokenUnwindTableOf: path) }
        return packed
    }

    // MARK: - Address spaces

    /// The current maps of a process, and the number that identifies them.
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

    /// Maps the code that the process compiled, wherever nothing else is mapped.
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
