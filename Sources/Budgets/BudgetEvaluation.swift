internal import Reports
package import SpawnModel
package import SpawnStatistics

/// Checks a session's spawns against a budget file, one by one. All budgets are counted in one walk; memory is bounded
/// by the budgets, call sites and programs, not by the spawns.
package struct BudgetEvaluation: Sendable {
    struct Place: Sendable {
        var stack: [String]
        var comm: String
        /// The budgets with a call site that select this one.
        var budgets: [Int]
    }

    let file: BudgetFile
    /// For each budget, the tallies of its limits in the file's order.
    private(set) var tallies: [[BudgetTally]]
    /// For each budget, the number of spawns that it selects.
    private(set) var matched: [Int]
    /// Keyed by `CallSite.id`.
    private(set) var places: [Int: Place] = [:]
    /// The number of spawns whose stack does not reach its outermost frame.
    private(set) var truncated = 0
    /// For the programs of a spawn, whether each budget selects them. Bounded, since a program may invent any number.
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

    /// Ends the count. `totals` are those of the whole session.
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

    /// Whether some budget selects this program by its path.
    func namesProgram(_ path: String) -> Bool {
        file.budgets.contains { $0.selector.program?.matches(path) == true }
    }
}
