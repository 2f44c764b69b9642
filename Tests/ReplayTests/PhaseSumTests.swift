import PerfData
import PerfRecords
@testable import Replay
import Session
import SpawnModel
import TestSupport
import Testing

/// Phases are contiguous and add up to the total, for every spawn of every recording.
@Suite struct PhaseSumTests {
    private func spawns(_ name: String) throws -> (spawns: [Spawn], totals: SpawnTotals) {
        let memory = try MemoryFile()
        try memory.write(try Recording(name).bytes)
        let file = try PerfDataFile(path: memory.path)
        let session = try Session(file)
        var lineage = SessionLineage(session)
        var replay = RecordReplay(symbolizer: nil)
        var spawns: [Spawn] = []
        let layouts = file.events.map(\.layout)
        file.forEachRecord { record, position in
            if position.header.type == .sample {
                if let event = try? lineage.decode(record, position, layouts[position.event]) {
                    lineage.handle(event, names: replay.names)
                }
            } else {
                lineage.apply(
                    replay.apply(record, position.header, layout: layouts[position.event]), names: replay.names)
            }
            for spawn in lineage.takeEnded() { spawns.append(spawn) }
        }
        lineage.finish()
        for spawn in lineage.takeEnded() { spawns.append(spawn) }
        return (spawns, lineage.tracker.totals)
    }

    @Test(arguments: Recording.names)
    func phasesAddUp(name: String) throws {
        let (spawns, totals) = try spawns(name)
        #expect(spawns.count == totals.spawns)
        for spawn in spawns {
            let known = Phase.allCases.compactMap { spawn.phases[$0] }
            if spawn.isComplete, !spawn.isUnfinished {
                #expect(known.reduce(0, +) == spawn.total, "\(spawn)")
            } else if let total = spawn.total {
                #expect(known.reduce(0, +) <= total, "\(spawn)")
            }
        }
        #expect(totals.complete == spawns.count { $0.isComplete })
    }

    /// A shell script of every kind of child, by dash: what `strace -f` of it says, too.
    @Test func aScriptsChildren() throws {
        let (spawns, totals) = try spawns("lifecycle")
        #expect(totals.spawns == 14 && totals.executed == 11 && totals.forked == 2 && totals.failed == 1)
        #expect(totals.complete == 14 && totals.unreaped == 0)
        #expect(totals.unfinished == 1 && totals.orphaned == 1 && totals.failedAttempts == 1)
        let executed = spawns.filter { $0.outcome == .executed }
        #expect(executed.allSatisfy { $0.phases[.link] != nil })
        #expect(spawns.filter { !$0.isUnfinished && !$0.isOrphaned }.allSatisfy { $0.phases[.reap] != nil })
        #expect(spawns.compactMap(\.signal) == [9])
        #expect(spawns.compactMap(\.status).filter { $0 != 0 }.sorted() == [1, 3, 126])
        #expect(spawns.allSatisfy { ($0.blockedCreating ?? 0) > 0 })
    }
}
