internal import Reports
package import SpawnModel
package import SpawnStatistics

/// A committed file that says how much of which spawns a program may make, `schema: spawnscope.budget/1`.
package struct BudgetFile: Sendable {
    package static let schema = "spawnscope.budget/1"
    package static let mostBudgets = 1024
    /// Of a file.
    package static let mostBytes = 256 << 10

    /// In the file, from 1; columns are Unicode scalars.
    package struct Position: Hashable, Sendable {
        package var line: Int
        package var column: Int

        package init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    package var budgets: [Budget]

    /// Whether any of them is of call sites; then a call site that is in none of those is new.
    package var namesCallSites: Bool { budgets.contains { $0.selector.callSite != nil } }
    package var namesPrograms: Bool { budgets.contains { $0.selector.program != nil } }
}

/// Limits of those spawns that a selector finds.
package struct Budget: Sendable {
    package var name: String
    package var position: BudgetFile.Position
    /// The last line that is part of it.
    package var lastLine: Int
    package var selector: BudgetSelector
    package var limits: [Limit]

    package struct Limit: Hashable, Sendable {
        package var metric: BudgetMetric
        /// At most; nanoseconds of times.
        package var most: UInt64
        /// Of the number; `nil` for one that holds unless the file says otherwise.
        package var source: Source?

        package init(_ metric: BudgetMetric, _ most: UInt64, source: Source? = nil) {
            self.metric = metric
            self.most = most
            self.source = source
        }
    }

    /// Where a number stands in the file.
    package struct Source: Hashable, Sendable {
        package var position: BudgetFile.Position
        /// In Unicode scalars from the start.
        package var range: Range<Int>
    }

    /// It allows no spawn at all, so that none is what is hoped for.
    package var isBan: Bool { limits.contains { $0.metric == .count(.spawns) && $0.most == 0 } }
}

/// Which spawns a budget is about. Both conditions have to hold where both are there; without any it is the whole run.
package struct BudgetSelector: Hashable, Sendable {
    /// As the file has it.
    package let programPattern: String?
    /// The path of any of its execs.
    package let program: Glob?
    /// A frame of the call site contains this text; texts with ` > ` between them are frames in this order, outermost first.
    package let callSite: String?
    private let frames: [String]

    package init(program: String?, callSite: String?) {
        programPattern = program
        self.program = program.map(Glob.init)
        self.callSite = callSite
        frames = callSite.map { $0.split(separator: TellingFrames.separator).map(String.init) } ?? []
    }

    package var isWholeRun: Bool { program == nil && callSite == nil }

    package func selects(programs: [String]) -> Bool {
        guard let program else { return true }
        return programs.contains(where: program.matches)
    }

    package func selects(callSite stack: [String]) -> Bool {
        guard let callSite else { return true }
        if stack.contains(where: { $0.contains(callSite) }) { return true }
        var rest = frames[...]
        for frame in stack {
            guard let wanted = rest.first else { break }
            if frame.contains(wanted) { rest = rest.dropFirst() }
        }
        return rest.isEmpty && !frames.isEmpty
    }
}

/// What a limit is on.
package enum BudgetMetric: Hashable, Sendable {
    case count(Count)
    case time(Quantile, Stretch)

    /// As `SpawnTotals` counts them.
    package enum Count: String, CaseIterable, Hashable, Sendable {
        case spawns, execs, forked, failed
        case failedAttempts = "failed_attempts"
        case unreaped, orphaned

        /// Nothing may leak unless the file allows it.
        static let limitedByDefault: [Count] = [.unreaped, .orphaned]
    }

    package enum Quantile: String, CaseIterable, Hashable, Sendable {
        case p50, p90, p99, max
    }

    /// A phase, or several.
    package enum Stretch: Hashable, Sendable {
        case phase(Phase)
        case overhead, total

        static let all: [Stretch] = Phase.allCases.map { .phase($0) } + [.overhead, .total]

        package var name: String {
            switch self {
            case .phase(let phase): phase.name
            case .overhead: "overhead"
            case .total: "total"
            }
        }
    }

    /// As the file nests it: `spawns`, `p99.exec`.
    package var name: String {
        switch self {
        case .count(let count): count.rawValue
        case .time(let quantile, let stretch): "\(quantile.rawValue).\(stretch.name)"
        }
    }

    package var isTime: Bool {
        if case .time = self { true } else { false }
    }
}
