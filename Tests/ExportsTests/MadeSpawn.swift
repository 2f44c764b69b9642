import Exports
@testable import Reports
import Session
@testable import SpawnModel
@testable import SpawnStatistics

/// A spawn with known phases, its call site and its ancestry.
struct MadeSpawn {
    var spawn: Spawn
    var callSite: CallSite
    var ancestry = ["make", "sh"]
    var group: ControlGroupName?

    /// Nanoseconds: create 10, wake 20, prepare 30, search 0, exec 40, run to `end`, reap 5; times from `start`.
    init(
        pid: Int32 = 100, parent: Int32 = 50, start: UInt64 = 1000, end: UInt64 = 1500, path: String? = "/bin/true",
        stack: [String] = ["_start", "main", "vfork"], site: Int = 1, comm: String = "sh"
    ) {
        var borders = SpawnBorders(created: start + 10)
        borders.creationBegan = start
        borders.firstRun = start + 30
        borders.firstAttempt = path == nil ? nil : start + 60
        borders.successfulAttempt = path == nil ? nil : start + 60
        borders.execReturned = path == nil ? nil : start + 100
        borders.ended = end
        borders.reaped = end + 5
        spawn = Spawn(
            pid: pid, parentPID: parent, parentTID: parent, method: .vfork, callSite: UInt32(site),
            ancestry: AncestryTable.root, borders: borders, outcome: path == nil ? .forked : .executed, path: path,
            execs: path == nil ? 0 : 1, failedAttempts: 0)
        spawn.blockedCreating = 70
        callSite = CallSite(id: site, stack: stack, comm: comm)
    }
}

extension ExportFacts {
    static let made: ExportFacts = {
        var facts = ExportFacts(toolVersion: "1.2.3")
        facts.command = ["make", "all"]
        facts.origin.startWall = 1_700_000_000_000_000_000
        facts.duration = 2000
        facts.remarks = ["the kernel dropped 3 events; the numbers are lower bounds"]
        return facts
    }()
}

extension SpawnExporter {
    /// Everything that is written for these.
    mutating func export(_ spawns: [MadeSpawn], _ facts: ExportFacts = .made) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for made in spawns {
            add(made)
            bytes += take()
        }
        try finish(facts) {
            bytes += $0
            return true
        }
        return bytes
    }
}
