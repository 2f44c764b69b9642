internal import Reports
package import SpawnModel
package import SpawnStatistics

/// Holds a session's spawns against a budget file, one by one, in memory that is bounded by the budgets, call sites and programs
/// and not by the spawns: all budgets are counted in one walk.
package struct BudgetEvaluation: Sendable {
    struct Place: Sendable {
        var stack: [String]
        var comm: String
        /// Of budgets with a call site, those that it is in.
        var budgets: [Int]
    }

    let file: BudgetFile
    /// By budget: its limits', in the file's order.
    private(set) var tallies: [[BudgetTally]]
    /// By budget: the spawns that it is about.
    private(set) var matched: [Int]
    /// By `CallSite.id`.
    private(set) var places: [Int: Place] = [:]
    /// Spawns whose stack does not reach its outermost frame.
    private(set) var truncated = 0
    /// By the programs of a spawn: whether each budget selects it. Of the first only, since a program may make up any number.
    private var paths: [[String]: [Bool]] = [:]

    package init(_ file: BudgetFile) {
        self.file = file
        tallies = file.budgets.map { $0.limits.map(BudgetTally.init) }
        matched = [Int](repeating: 0, count: file.budgets.count)
    }

    package mutating func add(_ spawn: Spawn, callSite: CallSite) {
        let sites = budgets(of: callSite)
        let programs = budgets(ofPrograms: spawn.programs)
        if callSite.stack.first == TellingFrames.truncatedMark { truncated += 1 }
        let durations = spawn.phases
        for index in file.budgets.indices where programs[index] && sites[index] {
            matched[index] += 1
            for limit in tallies[index].indices { tallies[index][limit].add(spawn, durations, from: callSite.id) }
        }
    }

    /// The session is over; `totals` are of all of it.
    mutating func finish(_ totals: SpawnTotals) {
        for index in file.budgets.indices where file.budgets[index].selector.isWholeRun {
            for limit in tallies[index].indices {
                switch tallies[index][limit].limit.metric {
                case .count(.execs): tallies[index][limit].addRest(upTo: totals.execs)
                case .count(.failedAttempts): tallies[index][limit].addRest(upTo: totals.failedAttempts)
                default: break
                }
            }
        }
    }

    private var sites: [Int: [Bool]] = [:]

    private mutating func budgets(of callSite: CallSite) -> [Bool] {
        if let known = sites[callSite.id] { return known }
        let selected = file.budgets.map { $0.selector.selects(callSite: callSite.stack) }
        sites[callSite.id] = selected
        places[callSite.id] = Place(
            stack: callSite.stack, comm: callSite.comm,
            budgets: file.budgets.indices.filter { file.budgets[$0].selector.callSite != nil && selected[$0] })
        return selected
    }

    private mutating func budgets(ofPrograms programs: [String]) -> [Bool] {
        if let known = paths[programs] { return known }
        let selected = file.budgets.map { $0.selector.selects(programs: programs) }
        if paths.count < SpawnAggregate.limit { paths[programs] = selected }
        return selected
    }

    /// Whether some budget by program is about it.
    func namesProgram(_ path: String) -> Bool {
        file.budgets.contains { $0.selector.program?.matches(path) == true }
    }
}
