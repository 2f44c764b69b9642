import Budgets
import Reports
@testable import SpawnModel
import SpawnStatistics

/// Spawns whose call sites and programs a test names, held against a file.
struct MadeSession {
    struct Made {
        var spawn: Spawn
        var stack: [String]
        var comm: String
    }

    var spawns: [Made] = []
    var totals = SpawnTotals()
    var facts = SessionFacts()
    var doubts: [BudgetVerdict.Doubt] = []

    init() {
        facts.command = ["make", "all"]
        facts.coverage = EventCoverage(rawValue: 0x3ff)
        facts.stacks = 1
    }

    /// `count` spawns of a program (none forked), each with an `exec` phase of these nanoseconds.
    mutating func add(
        _ count: Int = 1, _ path: String?, from stack: [String] = ["_start", "main", "build", "vfork"],
        comm: String = "make", exec: UInt64 = 40_000, change: (inout Spawn) -> Void = { _ in }
    ) {
        for _ in 0..<count {
            let began: UInt64 = 1_000_000_000
            var borders = SpawnBorders(created: began + 10_000)
            borders.creationBegan = began
            borders.firstRun = began + 30_000
            if path != nil {
                borders.firstAttempt = began + 60_000
                borders.successfulAttempt = began + 60_000
                borders.execReturned = began + 60_000 + exec
            }
            borders.ended = began + 60_000 + exec + 1_000_000
            borders.reaped = began + 60_000 + exec + 1_100_000
            var spawn = Spawn(
                pid: 100, parentPID: 50, parentTID: 50, method: .vfork, callSite: 1, ancestry: AncestryTable.root,
                borders: borders, outcome: path == nil ? .forked : .executed, path: path,
                execs: path == nil ? 0 : 1, failedAttempts: 0)
            change(&spawn)
            spawns.append(Made(spawn: spawn, stack: stack, comm: comm))
            totals.execs += spawn.execs
            totals.failedAttempts += spawn.failedAttempts
        }
    }

    /// The session's report, each spawn told to `onSpawn` as `SpawnReport` does.
    func report(_ onSpawn: (Spawn, CallSite) -> Void = { _, _ in }) -> Report {
        var aggregate = SpawnAggregate()
        var numbers: [[String]: UInt32] = [:]
        for made in spawns {
            let number = numbers[made.stack] ?? UInt32(numbers.count)
            numbers[made.stack] = number
            let place = aggregate.place(ofCallSite: number, comm: made.comm) { made.stack }
            _ = aggregate.add(made.spawn, SpawnObservations(), callSite: place, sessionEnd: 9_000_000_000)
            onSpawn(made.spawn, aggregate.callSites[place])
        }
        aggregate.finish(totals, roots: SpawnObservations())
        return Report(facts: facts, spawns: aggregate)
    }

    func verdict(_ file: BudgetFile) -> BudgetVerdict {
        var evaluation = BudgetEvaluation(file)
        let report = report { evaluation.add($0, callSite: $1) }
        return evaluation.verdict(report, doubts: doubts)
    }

    /// Against the budgets of a text, the schema left out.
    func verdict(_ budgets: String) throws -> BudgetVerdict { verdict(try BudgetFile(budgets)) }

    var draft: String {
        var draft = BudgetDraft()
        let report = report { spawn, _ in draft.add(spawn) }
        return draft.text(report)
    }
}

extension BudgetFile {
    /// The budgets of a text, the schema left out.
    init(_ budgets: String) throws(BudgetFileError) {
        try self.init(yaml: Array("schema: spawnscope.budget/1\nbudgets:\n\(budgets)\n".utf8))
    }
}

extension BudgetVerdict {
    func row(_ budget: String, _ limit: String) -> Row? {
        entries.first { $0.budget.name == budget }?.rows.first { $0.limit.metric.name == limit }
    }
}
