internal import Reports
internal import SpawnModel
package import SpawnStatistics

/// The result of checking a session against a budget file: each figure with its limit, and what exceeded it.
package struct BudgetVerdict: Sendable {
    package enum Conclusion: String, Hashable, Sendable {
        case within, over
        /// It is not known whether the limit is kept.
        case unknown
    }

    /// A reason not to call a session within its budget, however small its figures are.
    package enum Doubt: Hashable, Sendable {
        case lost(UInt64)
        /// So many processes were not followed to their ends.
        case unfollowed(Int)
        /// The recorder was killed, or could not write all data.
        case cut
        /// The recording ended while the command still ran, for a reason as in `SessionMetadata.End`.
        case endedEarly(String)
        case damagedRecords(Int)
        /// The session could not be read at all, for this reason.
        case unreadable(String)
        /// The command failed, and may have done less than it normally does.
        case commandFailed(status: Int32?, signal: Int32?)

        /// Whether sums are at best lower bounds.
        var losesEvents: Bool {
            if case .commandFailed = self { false } else { true }
        }
    }

    /// The program that a spawn started.
    package enum Program: Hashable, Sendable {
        case path(String)
        /// `Spawn.mark`.
        case none(String)
        case unknown

        init(_ spawn: Spawn) {
            if let mark = spawn.mark {
                self = .none(mark)
            } else {
                self = spawn.path == nil ? .unknown : spawn.programs.last.map(Program.path) ?? .unknown
            }
        }

        /// The name as in folds.
        package var text: String {
            switch self {
            case .path(let path): path
            case .none(let mark): mark
            case .unknown: "[unknown]"
            }
        }
    }

    /// A call site and a program that it started, with its part of a figure that exceeds the limit.
    package struct Cause: Hashable, Sendable {
        /// A `CallSite.id`; `nil` for what was done by processes that are not spawns, such as the command itself.
        package var callSite: Int?
        package var stack: [String]
        package var comm: String
        package var program: Program?
        /// Its part of a count; for a time, its number of spawns that took longer.
        package var amount: UInt64
        /// Whether the file has budgets of call sites, but none for this one.
        package var isNewCallSite: Bool
        /// Whether the file has budgets of programs, but none for this one.
        package var isNewProgram: Bool
        /// Whether a budget of this call site is exceeded.
        package var isOver: Bool
    }

    package struct Row: Sendable {
        package var limit: Budget.Limit
        /// `nil` if not known.
        package var figure: UInt64?
        package var conclusion: Conclusion
        /// Why the conclusion is unknown.
        package var reason: String?
        /// The causes of an excess: new ones and those over their own budgets first, then the largest.
        package var causes: [Cause] = []
        /// The part of the figure that `causes` leaves out.
        package var rest: UInt64 = 0
    }

    package struct Entry: Sendable {
        package var budget: Budget
        /// The number of spawns that the budget selects.
        package var spawns: Int
        package var rows: [Row]
        /// Whether it selects no spawn although it allows some: the program is gone, or the selector is wrong.
        package var matchesNothing = false

        package var conclusion: Conclusion { BudgetVerdict.worst(rows.map(\.conclusion)) }
    }

    package var entries: [Entry]
    package var doubts: [Doubt]
    package var facts: SessionFacts
    /// The number of spawns with a truncated stack, which budgets by call site may miss.
    package var truncatedSpawns: Int
    /// Default limits whose figures are unknown here, one line each.
    package var skipped: [String] = []
    /// Whether budgets that match nothing are errors, whatever the conclusion.
    package var isStrict = false

    /// Budgets that match nothing, as errors of the file.
    package var mistakes: [BudgetFileError] {
        entries.filter(\.matchesNothing).map {
            BudgetFileError(.matchesNothing(name: $0.budget.name), at: $0.budget.position)
        }
    }

    /// A known excess counts, even if other figures are unknown.
    package var conclusion: Conclusion {
        let worst = Self.worst(entries.map(\.conclusion))
        return worst == .within && !doubts.isEmpty ? .unknown : worst
    }

    static func worst(_ all: [Conclusion]) -> Conclusion {
        all.contains(.over) ? .over : all.contains(.unknown) ? .unknown : .within
    }

    package static let mostCauses = 5
}
