internal import Reports
internal import SpawnModel
package import SpawnStatistics

/// What a budget file says of a session: every figure beside its limit, and who exceeded it.
package struct BudgetVerdict: Sendable {
    package enum Conclusion: String, Hashable, Sendable {
        case within, over
        /// It cannot be told.
        case unknown
    }

    /// Why a session is never within a budget, however small its figures are.
    package enum Doubt: Hashable, Sendable {
        case lost(UInt64)
        /// The recorder was killed, or could not write what it had.
        case cut
        /// The recording ended while the command still ran, for this reason of `SessionMetadata.End`.
        case endedEarly(String)
        case damagedRecords(Int)
        /// It could not be read at all, for this reason.
        case unreadable(String)
        /// A command that failed may have done less than it does.
        case commandFailed(status: Int32?, signal: Int32?)

        /// Sums are lower bounds at best.
        var losesEvents: Bool {
            if case .commandFailed = self { false } else { true }
        }
    }

    /// What a spawn started.
    package enum Program: Hashable, Sendable {
        case path(String)
        case forked, failed, unknown

        init(_ spawn: Spawn) {
            switch spawn.outcome {
            case .executed: self = spawn.path == nil ? .unknown : spawn.programs.last.map(Program.path) ?? .unknown
            case .forked: self = .forked
            case .failed: self = .failed
            }
        }

        /// As folds name it.
        package var text: String {
            switch self {
            case .path(let path): path
            case .forked: "[forked]"
            case .failed: "[failed]"
            case .unknown: "[unknown]"
            }
        }
    }

    /// A call site, and a program that it started, with their part of a figure that is over its limit.
    package struct Cause: Hashable, Sendable {
        /// A `CallSite.id`; `nil` for what processes did that are no spawns, such as the command itself.
        package var callSite: Int?
        package var stack: [String]
        package var comm: String
        package var program: Program?
        /// Its part of a count; of a time, its spawns that took longer.
        package var amount: UInt64
        /// The file has budgets of call sites, and this one is in none of them.
        package var isNewCallSite: Bool
        /// The file has budgets of programs, and this one is in none of them.
        package var isNewProgram: Bool
        /// A budget of this call site is exceeded.
        package var isOver: Bool
    }

    package struct Row: Sendable {
        package var limit: Budget.Limit
        /// `nil`: not known.
        package var figure: UInt64?
        package var conclusion: Conclusion
        /// Of one that is unknown.
        package var reason: String?
        /// Of one that is over, those first that are new or over themselves, then the largest.
        package var causes: [Cause] = []
        /// How much of the figure those have that `causes` leaves out.
        package var rest: UInt64 = 0
    }

    package struct Entry: Sendable {
        package var budget: Budget
        /// The spawns that it is about.
        package var spawns: Int
        package var rows: [Row]
        /// No spawn is what it is about, although it allows some: the program is gone, or the selector mistaken.
        package var matchesNothing = false

        package var conclusion: Conclusion { BudgetVerdict.worst(rows.map(\.conclusion)) }
    }

    package var entries: [Entry]
    package var doubts: [Doubt]
    package var facts: SessionFacts
    /// Spawns with a truncated stack, which budgets by call site may miss.
    package var truncatedSpawns: Int
    /// Limits that hold unless the file says otherwise, and of which nothing is known here: a line each.
    package var skipped: [String] = []
    /// Budgets that match nothing are mistakes, whatever else is so.
    package var isStrict = false

    /// Those that match nothing, as mistakes of the file.
    package var mistakes: [BudgetFileError] {
        entries.filter(\.matchesNothing).map {
            BudgetFileError(.matchesNothing(name: $0.budget.name), at: $0.budget.position)
        }
    }

    /// What is surely over is over, whatever else is not known.
    package var conclusion: Conclusion {
        let worst = Self.worst(entries.map(\.conclusion))
        return worst == .within && !doubts.isEmpty ? .unknown : worst
    }

    static func worst(_ all: [Conclusion]) -> Conclusion {
        all.contains(.over) ? .over : all.contains(.unknown) ? .unknown : .within
    }

    package static let mostCauses = 5
}
