public import PerfData
internal import PerfRecords
public import SpawnModel

/// The counts of a session, by the one model that also folds it.
public struct SessionSummary: Sendable {
    public private(set) var totals = SpawnTotals()
    public private(set) var failures = FailureTable()
    /// As LOST and LOST_SAMPLES records tell; the recorder's own counters may tell more.
    public private(set) var lostEvents: UInt64 = 0
    public private(set) var undecodedRecords = 0
    public private(set) var records = 0
    /// The first of the spawns that had not ended when the session did.
    public private(set) var unfinished: [Process] = []

    /// A process by the name that it had last.
    public struct Process: Hashable, Sendable {
        public var pid: Int32
        public var comm: String
    }

    /// How many of them are named.
    public static let mostUnfinished = 5

    public init(_ file: PerfDataFile, _ metadata: SessionMetadata?) {
        var replay = RecordReplay(symbolizer: nil)
        var lineage = SessionLineage(file, metadata)
        var undecoded = 0
        var records = 0
        // By themselves: an event's strings would be counted in and out for every record.
        let layouts = file.events.map(\.layout)
        file.forEachRecord { record, position in
            records += 1
            let layout = layouts[position.event]
            if position.header.type == .sample {
                do throws(RecordError) {
                    if let (_, event) = try lineage.decode(record, position, layout) {
                        lineage.handle(event, names: replay.names)
                    }
                } catch {
                    undecoded += 1
                }
            } else {
                let change = replay.apply(record, position.header, layout: layout)
                lineage.apply(change, names: replay.names)
            }
            while lineage.nextEnded() != nil {}
        }
        lineage.finish()
        while let spawn = lineage.nextEnded() {
            guard spawn.isUnfinished, unfinished.count < Self.mostUnfinished else { continue }
            unfinished.append(Process(pid: spawn.pid, comm: replay.names[spawn.pid] ?? "?"))
        }
        totals = lineage.tracker.totals
        failures = lineage.tracker.failures
        lostEvents = replay.lostEvents
        undecodedRecords = undecoded + replay.undecodedRecords
        self.records = records
    }
}
