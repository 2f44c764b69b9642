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
    private var replay: RecordReplay
    private var stacks: StackReader
    private var lineage: SessionLineage
    /// Call sites, each a node; its number is what the model keeps of it.
    private var sites = CallTree()
    private var siteNames: [UInt32: [NameTable.ID]] = [:]
    private var ancestryNames: [Int32: [NameTable.ID]] = [:]

    public init(_ file: PerfDataFile, _ metadata: SessionMetadata?, _ options: Options) {
        let symbolizer = Symbolizer(file, style: .best)
        self.options = options
        self.file = file
        replay = RecordReplay(symbolizer: symbolizer)
        stacks = StackReader(symbolizer: symbolizer, isPerfStyle: false)
        lineage = SessionLineage(file, metadata)
        run()
    }

    private mutating func run() {
        let wantsSites = options.parts.contains(.callsite)
        file.forEachRecord { record, position in
            let event = file.events[position.event]
            guard position.header.type == .sample else {
                let change = replay.apply(record, position.header, layout: event.layout)
                lineage.apply(change, names: replay.names)
                drain()
                return
            }
            do throws(RecordError) {
                if event.tracepoint == nil {
                    if options.weight != .spawns { try addSample(record, position, event) }
                    return
                }
                guard let (sample, happened) = try lineage.decode(record, position, event.layout) else { return }
                var callSite: UInt32?
                if wantsSites, case .created = happened.kind { callSite = site(record, sample) }
                lineage.handle(happened, callSite: callSite, names: replay.names)
            } catch {
                notes.undecodedRecords += 1
            }
            drain()
        }
        lineage.finish()
        drain()
        notes.lostEvents = replay.lostEvents
        notes.undecodedRecords += replay.undecodedRecords
    }

    private mutating func site(_ record: borrowing RawSpan, _ sample: Sample) -> UInt32? {
        guard sample.fields.contains(.callchain) else { return nil }
        stacks.read(record, sample, branchesAreCallStack: false, into: &names)
        var node = CallTree.root
        for name in stacks.outermostFirst(.all, names: &names) { node = sites.child(of: node, named: name) }
        let number = UInt32(bitPattern: node)
        if siteNames[number] == nil { siteNames[number] = stacks.outermostFirst(.all, names: &names) }
        if stacks.isTruncated { notes.truncatedStacks += 1 }
        return number
    }

    private mutating func drain() {
        while let spawn = lineage.nextEnded() {
            guard options.weight == .spawns else { continue }
            let program: String
            switch spawn.outcome {
            case .executed: program = spawn.path ?? "[unknown]"
            case .forked: program = "[forked]"
            case .failed: program = "[failed]"
            }
            var node = CallTree.root
            for part in options.parts {
                switch part {
                case .ancestry: node = descend(node, ancestry(spawn.ancestry))
                case .callsite: node = descend(node, spawn.callSite.flatMap { siteNames[$0] } ?? [])
                case .program: node = tree.child(of: node, named: names.intern(program))
                case .user, .kernel: break
                }
            }
            notes.counted += 1
            tree.add(1, at: node)
        }
    }

    private mutating func addSample(
        _ record: borrowing RawSpan, _ position: PerfDataFile.Position, _ event: RecordedEvent
    ) throws(RecordError) {
        let sample = try Sample(decoding: record, layout: event.layout)
        guard let process = lineage.tracker.process(sample.pid) else { return }
        if sample.fields.contains(.callchain) {
            stacks.read(record, sample, branchesAreCallStack: false, into: &names)
        } else {
            let isKernel = position.header.misc.cpuMode == .kernel
            stacks.readAddress(
                sample.instructionPointer, isKernel ? .kernel : .user, process: sample.pid, into: &names)
        }
        var node = CallTree.root
        for part in options.parts {
            switch part {
            case .ancestry: node = descend(node, ancestry(process.ancestry))
            case .callsite: node = descend(node, process.callSite.flatMap { siteNames[$0] } ?? [])
            case .program: node = tree.child(of: node, named: names.intern(process.path ?? "[forked]"))
            case .user: node = descend(node, stacks.outermostFirst(.user, names: &names))
            case .kernel: node = descend(node, stacks.outermostFirst(.kernel, names: &names))
            }
        }
        if stacks.isTruncated { notes.truncatedStacks += 1 }
        notes.counted += 1
        tree.add(options.weight == .period ? max(1, sample.period) : 1, at: node)
    }

    private mutating func descend(_ start: CallTree.Node, _ path: [NameTable.ID]) -> CallTree.Node {
        var node = start
        for name in path { node = tree.child(of: node, named: name) }
        return node
    }

    private mutating func ancestry(_ chain: Int32) -> [NameTable.ID] {
        if let known = ancestryNames[chain] { return known }
        let path = lineage.tracker.ancestry.names(of: chain).map { names.intern($0) }
        ancestryNames[chain] = path
        return path
    }
}
