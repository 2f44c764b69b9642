internal import PerfData
internal import PerfRecords
internal import Replay
package import Session
package import SpawnModel

/// The counts of a session, from the same model that folds use.
package struct SessionSummary: Sendable {
    package private(set) var totals = SpawnTotals()
    package private(set) var failures = FailureTable()
    /// Events that the kernel dropped, by `Session.lostEvents(byRecords:)`.
    package private(set) var lostEvents: UInt64 = 0
    package private(set) var undecodedRecords = 0
    package private(set) var records = 0
    /// Samples of the workload, and of what was done to it.
    package private(set) var events = 0
    /// The first of the spawns that had not ended when the session did.
    package private(set) var unfinished: [Process] = []

    /// A process with the last comm that it had.
    package struct Process: Hashable, Sendable {
        package var pid: Int32
        package var comm: String
    }

    /// The largest number of unfinished spawns that are listed.
    package static let mostUnfinished = 5

    package init(_ session: Session) {
        var pass = SummaryPass(session)
        pass.run(session.file)
        for spawn in pass.lineage.takeEnded() {
            guard spawn.isUnfinished, unfinished.count < Self.mostUnfinished else { continue }
            unfinished.append(Process(pid: spawn.pid, comm: pass.replay.names[spawn.pid] ?? "?"))
        }
        totals = pass.lineage.tracker.totals
        failures = pass.lineage.tracker.failures
        lostEvents = session.lostEvents(byRecords: pass.replay.lostEvents)
        undecodedRecords = pass.undecoded + pass.replay.undecodedRecords
        records = pass.records
        events = pass.events
    }
}

/// The walk over the records. A value with methods: a closure over variables would copy the lineage for every record.
private struct SummaryPass {
    var replay = RecordReplay(symbolizer: nil)
    var lineage: SessionLineage
    var undecoded = 0
    var records = 0
    var events = 0
    private var members: WorkloadMembers?
    /// Kept apart, since an event's strings would be retained and released for every record.
    private let layouts: [RecordLayout]

    init(_ session: Session) {
        lineage = SessionLineage(session)
        layouts = session.file.events.map(\.layout)
        members = WorkloadMembers(session)
    }

    mutating func run(_ file: PerfDataFile) {
        file.forEachRecord { take($0, $1) }
        lineage.finish()
    }

    private mutating func take(_ record: borrowing RawSpan, _ position: PerfDataFile.Position) {
        records += 1
        let layout = layouts[position.event]
        if position.header.type == .sample {
            // As in `SpawnWalk`: what is foreign is not handled.
            if members != nil,
                members?.standing(ofSample: record, event: position.event, layout: layout) == .foreign
            {
                return
            }
            events += 1
            do throws(RecordError) {
                if lineage.isJoined(event: position.event) {
                    _ = try lineage.takeJoined(record, position, layout)
                } else if let event = try lineage.decode(record, position, layout) {
                    lineage.handle(event, names: replay.names)
                }
            } catch {
                undecoded += 1
            }
        } else {
            guard let decoded = replay.decode(record, layout: layout) else { return }
            if members?.take(decoded) == .foreign {
                replay.applyName(decoded, of: record)
                return
            }
            let change = replay.apply(decoded, of: record, position.header)
            lineage.apply(change, names: replay.names)
            lineage.takeMapping(decoded, position.header, of: record)
        }
        _ = lineage.takeEnded()
        _ = lineage.takeFailures()
    }
}
