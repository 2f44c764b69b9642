package import PerfData
package import PerfRecords
package import Profiles
package import Session
package import SpawnModel
internal import Symbolication

/// One walk over a session's records, in which its spawns and their call sites come about: what folds and reports share.
package struct SpawnWalk {
    /// What a record was.
    package enum Step {
        case change(RecordReplay.TaskChange)
        /// Something that happened to a process of the workload; the model knows of it.
        case event(LifecycleEvent)
        /// A sample of a program as it ran, which is the caller's to decode.
        case ofExecution
        case nothing
    }

    package var names = NameTable()
    package var replay: RecordReplay
    package var stacks: StackReader
    package private(set) var lineage: SessionLineage
    package private(set) var sites = CallSiteNames()
    private var executedFiles = ExecutedFiles()
    package let shapes: [EventShape]
    /// Of the shapes what every record asks for, by itself: a whole one would be copied for each.
    private let layouts: [RecordLayout]
    private let areOfExecution: [Bool]
    package let truncated: NameTable.ID
    private let wantsSites: Bool
    /// `nil` where nothing is foreign.
    private var members: WorkloadMembers?
    private var ancestryNames: [AncestryTable.Node: [NameTable.ID]] = [:]

    package init(
        _ session: Session, wantsSites: Bool, wantsLines: Bool = false, showsInlined: Bool = false,
        wantsKernel: Bool = true
    ) {
        let symbolizer = Symbolizer(session, style: .best)
        replay = RecordReplay(symbolizer: symbolizer, of: session)
        var options = StackOptions(style: .best, isPacked: session.file.isPacked)
        options.wantsKernel = wantsKernel
        options.wantsLines = wantsLines
        options.showsInlined = showsInlined
        stacks = StackReader(symbolizer, options)
        lineage = SessionLineage(session)
        shapes = session.file.events.map(EventShape.init)
        layouts = shapes.map(\.layout)
        areOfExecution = shapes.map(\.isOfExecution)
        truncated = names.intern(StackReader.truncatedMark)
        self.wantsSites = wantsSites
        members = WorkloadMembers(session)
    }

    /// Whether a sample is of others than the workload, and of nothing that they did to it.
    package mutating func isForeign(_ record: borrowing RawSpan, _ position: PerfDataFile.Position) -> Bool {
        guard members != nil else { return false }
        return members?.standing(ofSample: record, event: position.event, layout: layouts[position.event]) == .foreign
    }

    /// Takes in a record; `nextEnded` is to be asked after each.
    package mutating func take(_ record: borrowing RawSpan, _ position: PerfDataFile.Position) throws(RecordError)
        -> Step
    {
        let layout = layouts[position.event]
        guard position.header.type == .sample else {
            stacks.settle()
            guard let decoded = replay.decode(record, layout: layout) else { return .change(.none) }
            // What strangers have mapped is not followed; who sends a signal has a name.
            if members?.take(decoded) == .foreign {
                replay.applyName(decoded, of: record)
                return .nothing
            }
            let change = replay.apply(decoded, of: record, position.header)
            lineage.apply(change, names: replay.names)
            if let (process, file) = executedFiles.take(decoded, position.header, of: record) {
                lineage.noteMapped(file, by: process)
            }
            return .change(change)
        }
        guard !isForeign(record, position) else { return .nothing }
        guard !areOfExecution[position.event] else { return .ofExecution }
        replay.take(sample: record, event: position.event, layout: layout)
        guard let event = try lineage.decode(record, position, layout) else { return .nothing }
        var callSite: UInt32?
        if wantsSites, case .created = event.kind {
            let sample = try Sample(decoding: record, layout: layout)
            if stacks.hasStack(sample) {
                stacks.read(record, sample, shapes[position.event], into: &names)
                callSite = sites.number(of: stacks, truncated: truncated)
            }
        }
        lineage.handle(event, callSite: callSite, names: replay.names)
        return .event(event)
    }

    /// Exec attempts that the record taken last told to have failed.
    package mutating func takeFailures() -> [FailedAttempts] { lineage.takeFailures() }
    package mutating func finish() { lineage.finish() }
    package mutating func nextEnded() -> Spawn? { lineage.nextEnded() }

    /// The chain's names, outermost first.
    package mutating func ancestry(_ chain: AncestryTable.Node) -> [NameTable.ID] {
        if let known = ancestryNames[chain] { return known }
        let path = lineage.tracker.ancestry.names(of: chain).map { names.intern($0) }
        ancestryNames[chain] = path
        return path
    }
}
