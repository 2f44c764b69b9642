public import PerfData
internal import PerfRecords
public import Profiles
internal import SpawnModel
internal import Symbolication

/// Folds the samples of one event into a call tree, `comm;outermost;…;innermost`.
public struct EventFold {
    public enum Problem: Error, Hashable, Sendable {
        /// No event of that name; these are the file's.
        case unknownEvent(String, known: [String])
    }

    public struct Options: Hashable, Sendable {
        /// `nil`: the event of the first sample.
        public var event: String?
        /// Names and counts exactly as `perf script | stackcollapse-perf.pl` gives them.
        public var usesPerfNames: Bool
        public var weight: Weight
        public init(event: String? = nil, usesPerfNames: Bool = false, weight: Weight = .period) {
            self.event = event
            self.usesPerfNames = usesPerfNames
            self.weight = weight
        }
    }

    public private(set) var tree = CallTree()
    public private(set) var names = NameTable()
    public private(set) var notes = FoldNotes()
    /// The name of the event that was folded; `nil` when the file has no samples.
    public private(set) var event: String?

    private let options: Options
    private let file: PerfDataFile
    private var replay: RecordReplay
    private var stacks: StackReader
    /// By event: whether its samples are folded. Empty until the first sample where no event was asked for.
    private var selected: [Bool] = []
    private var commNames: [Int32: (comm: String?, name: NameTable.ID)] = [:]
    private var lastValues: [UInt64: UInt64] = [:]
    private let eventsByID: [UInt64: Int]

    public init(_ file: PerfDataFile, _ options: Options) throws(Problem) {
        let symbolizer = Symbolizer(
            style: options.usesPerfNames ? .perf : .best, sessionBuildIDs: file.description.buildIDs)
        self.options = options
        self.file = file
        replay = RecordReplay(symbolizer: symbolizer, forgetsMapsAtExec: !options.usesPerfNames)
        stacks = StackReader(symbolizer: symbolizer, isPerfStyle: options.usesPerfNames)
        var eventsByID: [UInt64: Int] = [:]
        for (index, event) in file.events.enumerated() {
            for id in event.ids { eventsByID[id] = index }
        }
        self.eventsByID = eventsByID
        if let wanted = options.event {
            select { $0 == wanted }
            if !selected.contains(true) { select { Self.baseName($0) == wanted } }
            guard selected.contains(true) else {
                throw .unknownEvent(wanted, known: file.events.map(\.name))
            }
            event = wanted
        }
        run()
    }

    /// Without its modifiers: `cycles` of `cycles:P`, but all of `sched:sched_switch`.
    private static func baseName(_ name: String) -> Substring {
        guard let colon = name.lastIndex(of: ":") else { return name[...] }
        let modifiers = name[name.index(after: colon)...]
        return modifiers.allSatisfy { "ukhpPGHSDIeWb".contains($0) } ? name[..<colon] : name[...]
    }

    private mutating func select(_ isWanted: (String) -> Bool) {
        selected = file.events.map { isWanted($0.name) }
    }

    private mutating func run() {
        file.forEachRecord { record, position in
            guard position.header.type == .sample else {
                _ = replay.apply(record, position.header, layout: file.events[position.event].layout)
                return
            }
            fold(record, position)
        }
        notes.lostEvents = replay.lostEvents
        notes.undecodedRecords += replay.undecodedRecords
    }

    private mutating func fold(_ record: borrowing RawSpan, _ position: PerfDataFile.Position) {
        let event = file.events[position.event]
        let isRead = event.layout.sampleType.contains(.read)
        if selected.isEmpty, !isRead { choose(position.event) }
        guard isRead || selected[position.event] else { return }
        let sample: Sample
        do throws(RecordError) {
            sample = try Sample(decoding: record, layout: event.layout)
        } catch {
            notes.undecodedRecords += 1
            return
        }
        if isRead {
            // A counter that reads others: each member that went on since its last reading counts as a sample of its own.
            for index in 0..<sample.read.count {
                guard let member = sample.read.member(index, in: record) else { continue }
                let owner = eventsByID[member.id] ?? position.event
                let period = member.value &- (lastValues[member.id] ?? 0)
                lastValues[member.id] = member.value
                guard period > 0 else { continue }
                if selected.isEmpty { choose(owner) }
                if selected[owner] { add(record, sample, event, position, period: period) }
            }
        } else {
            add(record, sample, event, position, period: period(of: sample, event))
        }
    }

    private mutating func choose(_ index: Int) {
        let name = file.events[index].name
        event = name
        select { $0 == name }
    }

    private func period(of sample: Sample, _ event: RecordedEvent) -> UInt64 {
        if event.attributes.type == EventAttributes.Kind.tracepoint { return 1 }
        let period = sample.fields.contains(.period) ? sample.period : event.attributes.samplePeriod
        return max(period, 1)
    }

    private mutating func add(
        _ record: borrowing RawSpan, _ sample: Sample, _ event: RecordedEvent, _ position: PerfDataFile.Position,
        period: UInt64
    ) {
        if sample.fields.contains(.callchain) {
            stacks.read(
                record, sample, branchesAreCallStack: event.layout.branchSampleType.contains(.callStack),
                mode: position.header.misc.cpuMode, into: &names)
        } else if options.usesPerfNames {
            // perf script prints such a sample on one line, which is no stack to the script that folds.
            return
        } else {
            let isKernel = position.header.misc.cpuMode == .kernel
            stacks.readAddress(
                sample.instructionPointer, isKernel ? .kernel : .user, process: sample.pid, into: &names)
        }
        var node = tree.child(of: CallTree.root, named: commName(of: sample.tid))
        for name in stacks.names.reversed() { node = tree.child(of: node, named: name) }
        notes.counted += 1
        tree.add(options.weight == .period ? period : 1, at: node)
    }

    private mutating func commName(of thread: Int32) -> NameTable.ID {
        let comm = replay.names[thread]
        if let known = commNames[thread], known.comm == comm { return known.name }
        let text = comm ?? ":\(thread)"
        let name = names.intern(options.usesPerfNames ? PerfHeaderLine.foldedComm(text, thread: thread) : text)
        commNames[thread] = (comm, name)
        return name
    }
}
