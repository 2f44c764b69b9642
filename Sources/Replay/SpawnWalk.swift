package import PerfData
package import PerfRecords
package import Profiles
package import Session
package import SpawnModel
internal import Symbolication

/// One pass over a session's records that finds its spawns and their call sites; folds and reports share it.
package struct SpawnWalk {
    /// What a record was.
    package enum Step {
        case change(RecordReplay.TaskChange)
        /// An event of a process of the workload, which the model has handled.
        case event(LifecycleEvent)
        /// A sample of a running program, for the caller to decode.
        case ofExecution
        case nothing
    }

    package var names = NameTable()
    package var replay: RecordReplay
    package var stacks: StackReader
    package private(set) var lineage: SessionLineage
    package private(set) var sites = CallSiteNames()
    package private(set) var groups = ControlGroups()
    package let shapes: [EventShape]
    /// The fields of `shapes` that every record needs, kept apart because a whole shape would be copied for each.
    private let layouts: [RecordLayout]
    private let areOfExecution: [Bool]
    package let truncated: NameTable.ID
    private let wantsSites: Bool
    /// `nil` if nothing is foreign.
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
        // What the model has a meaning for is never a mere sample, whatever a damaged file's attributes say.
        areOfExecution = shapes.indices.map { [shapes, decoder = lineage.decoder] event in
            shapes[event].isOfExecution && !decoder.isMeaningful(event: event)
        }
        truncated = names.intern(StackReader.truncatedMark)
        self.wantsSites = wantsSites
        members = WorkloadMembers(session)
    }

    /// Whether a sample is of a process outside the workload, and not of something that it did to the workload.
    package mutating func isForeign(_ record: borrowing RawSpan, _ position: PerfDataFile.Position) -> Bool {
        guard members != nil else { return false }
        return members?.standing(ofSample: record, event: position.event, layout: layouts[position.event]) == .foreign
    }

    /// Handles a record; call `takeEnded` after each.
    package mutating func take(_ record: borrowing RawSpan, _ position: PerfDataFile.Position) throws(RecordError)
        -> Step
    {
        let layout = layouts[position.event]
        guard position.header.type == .sample else {
            stacks.settle()
            guard let decoded = replay.decode(record, layout: layout) else { return .change(.none) }
            // The mappings of strangers are not followed, but their names are: a stranger may send a signal.
            if members?.take(decoded) == .foreign {
                replay.applyName(decoded, of: record)
                return .nothing
            }
            let change = replay.apply(decoded, of: record, position.header)
            lineage.apply(change, names: replay.names)
            groups.take(decoded, of: record)
            lineage.takeMapping(decoded, position.header, of: record)
            return .change(change)
        }
        guard !isForeign(record, position) else { return .nothing }
        guard !areOfExecution[position.event] else { return .ofExecution }
        replay.take(sample: record, event: position.event, layout: layout)
        guard !lineage.isJoined(event: position.event) else { return try takeJoined(record, position) }
        guard let event = try lineage.decode(record, position, layout) else { return .nothing }
        var callSite: UInt32?
        if wantsSites, case .created = event.kind { callSite = try self.callSite(record, position) }
        lineage.handle(event, callSite: callSite, names: replay.names)
        return .event(event)
    }

    private mutating func takeJoined(
        _ record: borrowing RawSpan, _ position: PerfDataFile.Position
    ) throws(RecordError) -> Step {
        let callSite =
            wantsSites && lineage.decoder.isCreation(event: position.event) ? try callSite(record, position) : nil
        let event = try lineage.takeJoined(record, position, layouts[position.event], callSite: callSite)
        return event.map(Step.event) ?? .nothing
    }

    private mutating func callSite(
        _ record: borrowing RawSpan, _ position: PerfDataFile.Position
    ) throws(RecordError) -> UInt32? {
        let sample = try Sample(decoding: record, layout: layouts[position.event])
        guard stacks.hasStack(sample) else { return nil }
        stacks.read(record, sample, shapes[position.event], into: &names)
        return sites.number(of: stacks, truncated: truncated)
    }

    /// Removes and returns the exec attempts that were shown to have failed since the last call.
    package mutating func takeFailures() -> [FailedAttempts] { lineage.takeFailures() }
    package mutating func finish() { lineage.finish() }
    package mutating func takeEnded() -> [Spawn] { lineage.takeEnded() }

    /// The chain's names, outermost first.
    package mutating func ancestry(_ chain: AncestryTable.Node) -> [NameTable.ID] {
        if let known = ancestryNames[chain] { return known }
        let path = lineage.tracker.ancestry.names(of: chain).map { names.intern($0) }
        ancestryNames[chain] = path
        return path
    }
}
