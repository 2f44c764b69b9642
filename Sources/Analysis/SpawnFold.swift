public import PerfData
internal import PerfRecords
public import Profiles
internal import SpawnModel
internal import Symbolication

/// Folds a session's spawns, or the cpu samples of its workload, into a call tree made of the parts that were asked for.
public struct SpawnFold {
    public struct Options: Hashable, Sendable {
        public var parts: [FramePart]
        /// `.spawns`, or `.samples` and `.period` of the events that are no tracepoints.
        public var weight: Weight
        public init(parts: [FramePart], weight: Weight) {
            self.parts = parts
            self.weight = weight
        }
    }

    public private(set) var tree = CallTree()
    public private(set) var names = NameTable()
    public private(set) var notes = FoldNotes()

    private let options: Options
    private let file: PerfDataFile
    private let shapes: [EventShape]
    private var replay: RecordReplay
    private var stacks: StackReader
    private var lineage: SessionLineage
    /// Call sites, each a node; its number is what the model keeps of it.
    private var sites = CallTree()
    private var siteNames: [UInt32: [NameTable.ID]] = [:]
    private var ancestryNames: [Int32: [NameTable.ID]] = [:]
    private var held = HeldSamples()
    private let truncated: NameTable.ID
    private let unknown: NameTable.ID

    public init(_ file: PerfDataFile, _ metadata: SessionMetadata?, _ options: Options) {
        let symbolizer = Symbolizer(file, style: .best)
        self.options = options
        self.file = file
        shapes = file.events.map(EventShape.init)
        replay = RecordReplay(symbolizer: symbolizer)
        stacks = StackReader(symbolizer: symbolizer, isPerfStyle: false)
        stacks.wantsKernel = options.parts.contains(.kernel) || options.weight == .spawns
        lineage = SessionLineage(file, metadata)
        truncated = names.intern(StackReader.truncatedMark)
        unknown = names.intern("[unknown]")
        run()
    }

    private mutating func run() {
        let wantsSites = options.parts.contains(.callsite)
        file.forEachRecord { record, position in
            let shape = shapes[position.event]
            guard position.header.type == .sample else {
                let change = replay.apply(record, position.header, layout: shape.layout)
                if case .forked(let task) = change { held.forget(task.pid) }
                lineage.apply(change, names: replay.names)
                drain()
                return
            }
            do throws(RecordError) {
                guard !shape.isOfExecution else {
                    if options.weight != .spawns { try addSample(record, position, shape) }
                    return
                }
                guard let (sample, happened) = try lineage.decode(record, position, shape.layout) else { return }
                var callSite: UInt32?
                if wantsSites, case .created = happened.kind { callSite = site(record, sample, shape) }
                lineage.handle(happened, callSite: callSite, names: replay.names)
                drain()
            } catch {
                notes.undecodedRecords += 1
            }
        }
        lineage.finish()
        drain()
        notes.lostEvents = replay.lostEvents
        notes.brokenUnwindTables = replay.symbolizer?.unwindProblems.map(\.path) ?? []
        notes.otherFiles = replay.symbolizer?.otherFiles ?? []
        notes.undecodedRecords += replay.undecodedRecords
    }

    private mutating func site(_ record: borrowing RawSpan, _ sample: Sample, _ shape: EventShape) -> UInt32? {
        guard stacks.hasStack(sample) else { return nil }
        stacks.read(record, sample, shape, into: &names)
        let isTruncated = stacks.isTruncated
        var node = isTruncated ? sites.child(of: CallTree.root, named: truncated) : CallTree.root
        for name in stacks.names.reversed() { node = sites.child(of: node, named: name) }
        let number = UInt32(bitPattern: node)
        if siteNames[number] == nil { siteNames[number] = (isTruncated ? [truncated] : []) + stacks.names.reversed() }
        if isTruncated, options.weight == .spawns { notes.countTruncated(stacks.end) }
        return number
    }

    // MARK: - Spawns

    private mutating func drain() {
        while let spawn = lineage.nextEnded() {
            let text =
                switch spawn.outcome {
                case .executed: spawn.path ?? "[unknown]"
                case .forked: "[forked]"
                case .failed: "[failed]"
                }
            let program = names.intern(text)
            guard options.weight == .spawns else {
                for (stack, weight) in held.end(spawn, program: program) {
                    let node = tree.child(of: stack.outer, named: program)
                    add(weight, at: descend(node, stack.inner))
                }
                continue
            }
            var node = CallTree.root
            for part in options.parts {
                switch part {
                case .ancestry: node = descend(node, ancestry(spawn.ancestry))
                case .callsite: node = descend(node, spawn.callSite.flatMap { siteNames[$0] } ?? [])
                case .program: node = tree.child(of: node, named: program)
                case .user, .kernel: break
                }
            }
            notes.counted += 1
            add(1, at: node)
        }
    }

    // MARK: - Samples

    /// Where a sample's process stands in the lineage. `program` is `nil` while the process may still execute one.
    private struct Owner {
        var ancestry: AncestryTable.Node
        var callSite: UInt32?
        var program: NameTable.ID?
    }

    private mutating func owner(of process: Int32) -> Owner? {
        if let state = lineage.tracker.process(process) {
            let program = state.path.map { names.intern($0) } ?? (state.isSpawn ? nil : unknown)
            return Owner(ancestry: state.ancestry, callSite: state.callSite, program: program)
        }
        // A process goes on for a while after its exit was told: its memory is torn down.
        if let (spawn, program) = held.ended(process) {
            return Owner(ancestry: spawn.ancestry, callSite: spawn.callSite, program: program)
        }
        guard lineage.tracker.isInLineage(process) else { return nil }
        return Owner(ancestry: AncestryTable.root, callSite: nil, program: unknown)
    }

    private mutating func addSample(
        _ record: borrowing RawSpan, _ position: PerfDataFile.Position, _ shape: EventShape
    ) throws(RecordError) {
        let sample = try Sample(decoding: record, layout: shape.layout)
        guard let owner = owner(of: sample.pid) else { return }
        let mode = position.header.misc.cpuMode
        if stacks.hasStack(sample) {
            stacks.read(record, sample, shape, mode: mode, into: &names)
        } else {
            stacks.readAddress(
                sample.instructionPointer, mode == .kernel ? .kernel : .user, process: sample.pid, into: &names)
        }
        notes.counted += 1
        if stacks.isTruncated, options.parts.contains(.user) { notes.countTruncated(stacks.end) }
        let weight = options.weight == .period ? shape.period(of: sample) : 1
        guard owner.program == nil, let place = options.parts.firstIndex(of: .program) else {
            add(weight, at: descend(CallTree.root, options.parts[...], owner))
            return
        }
        let outer = descend(CallTree.root, options.parts[..<place], owner)
        // The rest has to wait for the program's name: as a stack of its own, told apart by its names.
        held.add(weight, of: sample.pid, outer: outer, inner: namesOf(options.parts[(place + 1)...], owner))
    }

    private mutating func descend(_ start: CallTree.Node, _ parts: ArraySlice<FramePart>, _ owner: Owner)
        -> CallTree.Node
    {
        var node = start
        for part in parts {
            switch part {
            case .ancestry: node = descend(node, ancestry(owner.ancestry))
            case .callsite: node = descend(node, owner.callSite.flatMap { siteNames[$0] } ?? [])
            case .program: node = tree.child(of: node, named: owner.program ?? unknown)
            case .user:
                if stacks.isTruncated { node = tree.child(of: node, named: truncated) }
                node = descendFrames(node, stacks.kernelCount..<stacks.names.count)
            case .kernel: node = descendFrames(node, 0..<stacks.kernelCount)
            }
        }
        return node
    }

    private mutating func namesOf(_ parts: ArraySlice<FramePart>, _ owner: Owner) -> [NameTable.ID] {
        var path: [NameTable.ID] = []
        for part in parts {
            switch part {
            case .ancestry: path += ancestry(owner.ancestry)
            case .callsite: path += owner.callSite.flatMap { siteNames[$0] } ?? []
            case .program: path.append(owner.program ?? unknown)
            case .user:
                if stacks.isTruncated { path.append(truncated) }
                path += stacks.names[stacks.kernelCount...].reversed()
            case .kernel: path += stacks.names[..<stacks.kernelCount].reversed()
            }
        }
        return path
    }

    // MARK: - The tree

    /// A stack of which nothing is known is one unknown frame: the lines add up to what was counted.
    private mutating func add(_ weight: UInt64, at node: CallTree.Node) {
        tree.add(weight, at: node == CallTree.root ? tree.child(of: CallTree.root, named: unknown) : node)
    }

    private mutating func descend(_ start: CallTree.Node, _ path: [NameTable.ID]) -> CallTree.Node {
        var node = start
        for name in path { node = tree.child(of: node, named: name) }
        return node
    }

    private mutating func descendFrames(_ start: CallTree.Node, _ frames: Range<Int>) -> CallTree.Node {
        var node = start
        for index in frames.reversed() { node = tree.child(of: node, named: stacks.names[index]) }
        return node
    }

    private mutating func ancestry(_ chain: Int32) -> [NameTable.ID] {
        if let known = ancestryNames[chain] { return known }
        let path = lineage.tracker.ancestry.names(of: chain).map { names.intern($0) }
        ancestryNames[chain] = path
        return path
    }
}
