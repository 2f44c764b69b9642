internal import Reports
package import SpawnModel
package import SpawnStatistics

/// A committed file that limits the spawns of a program, `schema: spawnscope.budget/1`.
package struct BudgetFile: Sendable {
    package static let schema = "spawnscope.budget/1"
    package static let mostBudgets = 1024
    /// The largest file, in bytes.
    package static let mostBytes = 256 << 10

    /// A position in the file. Lines and columns count from 1, columns in Unicode scalars.
    package struct Position: Hashable, Sendable {
        package var line: Int
        package var column: Int

        package init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    package var budgets: [Budget]

    /// Whether any budget is of a call site. If so, a call site in none of those budgets is new.
    package var namesCallSites: Bool { budgets.contains { $0.selector.callSite != nil } }
    package var namesPrograms: Bool { budgets.contains { $0.selector.program != nil } }
}

/// Limits on the spawns that a selector matches.
package struct Budget: Sendable {
    package var name: String
    package var position: BudgetFile.Position
    /// The last line of the budget.
    package var lastLine: Int
    package var selector: BudgetSelector
    package var limits: [Limit]

    package struct Limit: Hashable, Sendable {
        package var metric: BudgetMetric
        /// The largest value allowed: a count, or nanoseconds.
        package var most: UInt64
        /// The position of the number in the file; `nil` for a limit that holds by default.
        package var source: Source?

        package init(_ metric: BudgetMetric, _ most: UInt64, source: Source? = nil) {
            self.metric = metric
            self.most = most
            self.source = source
        }
    }

    /// The position of a number in the file.
    package struct Source: Hashable, Sendable {
        package var position: BudgetFile.Position
        /// The range in Unicode scalars from the start of the file.
        package var range: Range<Int>
    }

    /// Whether it allows no spawn at all, so that matching none is intended.
    package var isBan: Bool { limits.contains { $0.metric == .count(.spawns) && $0.most == 0 } }
}

/// Selects the spawns of a budget. If both conditions are given, both must hold; without any it selects the whole run.
package struct BudgetSelector: Hashable, Sendable {
    /// The pattern as written in the file.
    package let programPattern: String?
    /// Matches if the path of any of the spawn's execs does.
    package let program: Glob?
    /// Text that a frame of the call site must contain. Texts separated by ` > ` must be in frames in this order,
    /// outermost first.
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

/// What a limit applies to.
package enum BudgetMetric: Hashable, Sendable {
    case count(Count)
    case time(Quantile, Stretch)

    /// Counts as in `SpawnTotals`.
    package enum Count: String, CaseIterable, Hashable, Sendable {
        case spawns, execs, forked, failed
        case failedAttempts = "failed_attempts"
        case unreaped, orphaned

        /// Children may not leak unless the file allows it.
        static let limitedByDefault: [Count] = [.unreaped, .orphaned]
    }

    package enum Quantile: String, CaseIterable, Hashable, Sendable {
        case p50, p90, p99, max
    }

    /// One phase, or a span of several.
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

    /// The name with the nesting of the file: `spawns`, `p99.exec`.
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
