package import SpawnModel

/// What is compared of a run, a program or a call site.
package enum Metric: Hashable, Sendable {
    case count(Count)
    case time(Time)

    /// How often something happened.
    package enum Count: String, CaseIterable, Hashable, Sendable {
        case spawns, execs
        case failedAttempts = "failed_attempts"
        case forked, unreaped
        // What else is shown, but is no gate unless one asks for it.
        case failed, orphaned, unfinished
        case failedCreations = "failed_creations"

        /// Those that are gates where nothing else is said.
        package static let gates: [Count] = [.spawns, .execs, .failedAttempts, .forked, .unreaped]
        /// Of the whole run alone.
        var isOfRun: Bool { self == .failedCreations }
    }

    /// Nanoseconds a spawn, the median of a run's spawns, and of the run as a whole its duration.
    package enum Time: Hashable, Sendable {
        case phase(Phase)
        /// `create` to `link`.
        case overhead
        /// Of the spawner's threads, in the creating call and in waits.
        case blocked
        /// From the creating call to the reaping.
        case total
        /// The total of the whole run: from the command's release to its end.
        case duration

        package static let perSpawn: [Time] = [.overhead] + Phase.allCases.map { .phase($0) } + [.blocked, .total]

        var name: String {
            switch self {
            case .phase(let phase): phase.name
            case .overhead: "overhead"
            case .blocked: "blocked"
            case .total: "total"
            case .duration: "duration"
            }
        }
    }

    /// As the command line and JSON name it.
    package var name: String {
        switch self {
        case .count(let count): count.rawValue
        case .time(let time): time.name
        }
    }

    package static let all: [Metric] =
        Count.allCases.map { .count($0) } + [.time(.duration)] + Time.perSpawn.map { .time($0) }

    /// As `name` gives it, with `-` for `_` too.
    package init?(named name: String) {
        let plain = String(name.map { $0 == "-" ? "_" : $0 })
        guard let found = Self.all.first(where: { $0.name == plain }) else { return nil }
        self = found
    }

    /// What is missing from a session can only have made it smaller.
    var isLowerBound: Bool {
        switch self {
        case .count(.spawns), .count(.execs), .count(.failedAttempts), .count(.failedCreations): true
        default: false
        }
    }

    package var isCount: Bool {
        if case .count = self { true } else { false }
    }

    /// As people read it.
    var title: String {
        switch self {
        case .count(let count): String(count.rawValue.map { $0 == "_" ? " " : $0 })
        case .time(.duration): "duration"
        case .time(let time): "\(time.name) a spawn"
        }
    }
}
