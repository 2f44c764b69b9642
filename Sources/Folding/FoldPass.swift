internal import PerfData
internal import PerfRecords
internal import Profiles
internal import Replay
internal import Session
internal import SpawnModel
internal import Symbolication

/// One pass over a recording: names and maps are followed through all records, and a share of the samples is folded.
struct FoldPass {
    /// The samples of a pass: those in every `count`th piece of the file. Pieces are large, so that what a pass has
    /// just met often comes again.
    struct Share {
        var number: Int
        var count: Int
        /// The size of a piece in bytes, as a power of two.
        package var pieceBits: Int

        @inline(__always)
        func has(_ position: PerfDataFile.Position) -> Bool { (position.offset >> pieceBits) % count == number }
    }

    private(set) var tree = CallTree()
    private(set) var names = NameTable()
    private(set) var notes = FoldNotes()
    /// The name of the event that was folded; `nil` when the file has no samples.
    private(set) var event: String?

    private let share: Share
    private let options: EventFold.Options
    private let session: Session
    private let file: PerfDataFile
    private var replay: RecordReplay
    private var stacks: StackReader
    /// By event: whether its samples are folded. Empty until the first sample if no event was requested.
    private var selected: [Bool] = []
    private var known = KnownStacks()
    private var comms = CommCache()
    private let shapes: [EventShape]
    private let heads: [HeadShape]
    private let isPacked: Bool
    /// Tells which samples are foreign and left out. `nil` with perf's names, and if nothing is foreign.
    private var members: WorkloadMembers?
    private var lastValues: [UInt64: UInt64] = [:]
    private let eventsByID: [UInt64: Int]

    /// `symbolizer` must not be used by another pass.
    init(
        _ session: Session, _ options: EventFold.Options, _ symbolizer: Symbolizer, _ share: Share
    ) throws(EventFoldError) {
        self.share = share
        self.options = options
        let file = session.file
        self.session = session
        self.file = file
        replay = RecordReplay(symbolizer: symbolizer, of: session)
        var reading = StackOptions(style: options.usesPerfNames ? .perf : .best, isPacked: file.isPacked)
        reading.showsInlined = options.showsInlined
        stacks = StackReader(symbolizer, reading)
        var eventsByID: [UInt64: Int] = [:]
        for (index, event) in file.events.enumerated() {
            for id in event.ids { eventsByID[id] = index }
        }
        self.eventsByID = eventsByID
        shapes = file.events.map(EventShape.init)
        heads = shapes.map(HeadShape.init)
        isPacked = file.isPacked
        members =
            options.usesPerfNames
            ? nil : WorkloadMembers(session)
        if let wanted = options.event {
            guard let choice = EventChoice(wanted, among: file.events) else {
                throw .unknownEvent(wanted, known: file.events.map(\.name))
            }
            selected = choice.isChosen
            event = wanted
        }
    }

    /// Pass 0 also notes what is wrong with the file, and reports progress.
    mutating func run() {
        if share.number == 0 {
            file.forEachRecord { take($0, $1) }
        } else {
            file.forEachRecordAgain { take($0, $1) }
        }
        notes.lostEvents = session.lostEvents(byRecords: replay.lostEvents)
        notes.brokenUnwindTables = replay.symbolizer?.brokenUnwindTables ?? []
        notes.otherFiles = replay.symbolizer?.otherFiles ?? []
        notes.imageNotes = replay.symbolizer?.imageNotes ?? []
        // Every pass meets all of these, so only one counts them.
        if share.number == 0 { notes.undecodedRecords += replay.undecodedRecords }
    }

    @inline(__always)
    private mutating func take(_ record: borrowing RawSpan, _ position: PerfDataFile.Position) {
        guard position.header.type == .sample else {
            stacks.settle()
            guard members != nil else {
                _ = replay.apply(record, position.header, layout: shapes[position.event].layout)
                return
            }
            if let decoded = replay.decode(record, layout: shapes[position.event].layout),
                members?.take(decoded) != .foreign
            {
                _ = replay.apply(decoded, of: record, position.header)
            }
            return
        }
        if members != nil, !isMembers(record, position.event) { return }
        replay.take(sample: record, event: position.event, layout: shapes[position.event].layout)
        fold(record, position)
    }

    private mutating func isMembers(_ record: borrowing RawSpan, _ event: Int) -> Bool {
        guard case .member? = members?.standing(ofSample: record, event: event, layout: shapes[event].layout) else {
            return false
        }
        return true
    }

    private mutating func fold(_ record: borrowing RawSpan, _ position: PerfDataFile.Position) {
        guard let layout = heads[position.event].layout else {
            foldWhole(record, position)
            return
        }
        if selected.isEmpty { choose(position.event) }
        guard selected[position.event], share.has(position) else { return }
        guard let head = SampleHead(decoding: record, layout) else {
            notes.undecodedRecords += 1
            return
        }
        guard let comm = comm(of: head, position.event, heads[position.event].period(of: head)) else { return }
        stacks.namesAreJava = options.usesPerfNames && comm.isJava
        guard stacks.readsCallchain, let key = KnownStacks.key(record, head.callchain) else {
            foldWhole(record, position)
            return
        }
        add(record, head, position, key, comm)
    }

    /// Folds a sample of any kind.
    private mutating func foldWhole(_ record: borrowing RawSpan, _ position: PerfDataFile.Position) {
        let shape = shapes[position.event]
        if selected.isEmpty, !shape.isRead { choose(position.event) }
        guard shape.isRead || selected[position.event], share.has(position) else { return }
        let sample: Sample
        do throws(RecordError) {
            sample = try Sample(decoding: record, layout: shape.layout)
        } catch {
            notes.undecodedRecords += 1
            return
        }
        guard shape.isRead else {
            add(record, sample, position, period: shape.period(of: sample))
            return
        }
        // A sample that reads a group of counters: each member that advanced since its last reading counts as a sample.
        for index in 0..<sample.read.count {
            guard let member = sample.read.member(index, in: record) else { continue }
            let owner = eventsByID[member.id] ?? position.event
            let period = member.value &- (lastValues[member.id] ?? 0)
            lastValues[member.id] = member.value
            guard period > 0 else { continue }
            if selected.isEmpty { choose(owner) }
            if selected[owner] { add(record, sample, position, period: period) }
        }
    }

    private mutating func choose(_ index: Int) {
        let name = file.events[index].name
        event = name
        selected = file.events.map { $0.name == name }
    }

    private mutating func add(
        _ record: borrowing RawSpan, _ sample: Sample, _ position: PerfDataFile.Position, period: UInt64
    ) {
        let shape = shapes[position.event]
        let mode = position.header.misc.cpuMode
        guard let comm = comm(of: SampleHead(sample), position.event, period) else { return }
        if stacks.hasStack(sample) {
            stacks.namesAreJava = options.usesPerfNames && comm.isJava
            stacks.read(record, sample, shape, mode: mode, into: &names)
        } else if options.usesPerfNames {
            // perf script prints such a sample on one line, which stackcollapse-perf.pl does not take for a stack.
            return
        } else {
            stacks.readAddress(
                sample.instructionPointer, mode == .kernel ? .kernel : .user, process: sample.pid, into: &names)
        }
        let root = tree.child(of: CallTree.root, named: comm.name, .ancestry)
        let node = descend(beginStack(root), 0..<stacks.nameCount)
        count(options.weight == .period ? period : 1, at: node)
    }

    /// Adds a stack whose callers are likely to be known.
    private mutating func add(
        _ record: borrowing RawSpan, _ head: SampleHead, _ position: PerfDataFile.Position, _ key: KnownStacks.Key,
        _ comm: CommCache.Comm
    ) {
        let weight = options.weight == .period ? heads[position.event].period(of: head) : 1
        var root = comm.root
        if root == CallTree.root {
            root = tree.child(of: CallTree.root, named: comm.name, .ancestry)
            comms.setRoot(root, of: head.tid, comm)
        }
        stacks.begin(process: head.pid, time: head.time)
        let context = KnownStacks.Context(
            root: root, state: stacks.state, epoch: stacks.epoch,
            unwindEnd: isPacked ? position.header.misc.unwindEnd : 0)
        if let slot = known.slot(of: key, context, in: record) {
            if let leaf = known.leaf(at: slot, of: key) {
                count(weight, at: leaf)
                return
            }
            if stacks.readInnermost(key.innermost, isKernel: key.isKernel, of: record, into: &names) {
                let place = known[slot]
                if place.isTruncated { notes.countTruncated(stacks.end) }
                let leaf = descend(place.node, 0..<stacks.nameCount)
                known.setLeaf(leaf, at: slot, of: key)
                count(weight, at: leaf)
                return
            }
            stacks.begin(process: head.pid, time: head.time)
        }
        stacks.readCallchain(record, head.callchain, into: &names)
        let isTruncated = !options.usesPerfNames && stacks.isTruncated
        let node = descend(beginStack(root), stacks.innermostCount..<stacks.nameCount)
        if !stacks.endsInnermost {
            known.insert(KnownStacks.Place(node: node, isTruncated: isTruncated), for: key, context, in: record)
        }
        count(weight, at: descend(node, 0..<stacks.innermostCount))
    }

    private mutating func count(_ weight: UInt64, at node: CallTree.Node) {
        notes.counted += 1
        tree.add(weight, at: node)
    }

    /// The node below which the frames of the stack that was read begin.
    private mutating func beginStack(_ root: CallTree.Node) -> CallTree.Node {
        guard !options.usesPerfNames, stacks.isTruncated else { return root }
        notes.countTruncated(stacks.end)
        return tree.child(of: root, named: names.intern(StackReader.truncatedMark), .user)
    }

    /// Walks down the names in `range`, the last of them first.
    private mutating func descend(_ start: CallTree.Node, _ range: Range<Int>) -> CallTree.Node {
        let kernelCount = stacks.kernelCount
        var node = start
        var index = range.upperBound
        while index > range.lowerBound {
            index &-= 1
            node = tree.child(of: node, named: stacks.name(at: index), index < kernelCount ? .kernel : .user)
        }
        return node
    }

    private mutating func comm(of sample: SampleHead, _ event: Int, _ period: UInt64) -> CommCache.Comm? {
        let version = replay.names.version
        if let comm = comms.comm(of: sample.tid, version: version) { return comm }
        let text = replay.names[sample.tid] ?? ":\(sample.tid)"
        if let comm = comms.keep(text, of: sample.tid, version: version) { return comm }
        if options.usesPerfNames, !PerfHeaderLine.isPlain(text, thread: sample.tid) {
            // Not cached, since the name may contain the sample's time.
            let line = PerfHeaderLine(
                comm: text, thread: sample.tid, cpu: sample.cpu, time: sample.time,
                period: shapes[event].isTracepoint ? nil : period, event: file.events[event].name)
            return line.foldedComm.map { CommCache.Comm($0, name: names.intern($0)) }
        }
        return comms.insert(text, of: sample.tid, version: version, name: names.intern(text))
    }
}
