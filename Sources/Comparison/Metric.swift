package import SpawnModel

/// A figure of a run, a program or a call site that is compared.
package enum Metric: Hashable, Sendable {
    case count(Count)
    case time(Time)

    /// How often something happened.
    package enum Count: String, CaseIterable, Hashable, Sendable {
        case spawns, execs
        case failedAttempts = "failed_attempts"
        case forked, unreaped
        // These are shown, but are gates only on request.
        case failed, orphaned, unfinished
        case failedCreations = "failed_creations"

        /// The counts that are gates by default.
        package static let gates: [Count] = [.spawns, .execs, .failedAttempts, .forked, .unreaped]
        /// Whether only the whole run has this count.
        var isOfRun: Bool { self == .failedCreations }
    }

    /// Nanoseconds: the median of a run's spawns, or the duration of the whole run.
    package enum Time: Hashable, Sendable {
        case phase(Phase)
        /// The phases from `create` to `link`.
        case overhead
        /// The time that the spawner's threads block in the creating call and in waits.
        case blocked
        /// From the creating call to the reaping.
        case total
        /// The time of the whole run, from the command's release to its end.
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

    /// The name on the command line and in JSON.
    package var name: String {
        switch self {
        case .count(let count): count.rawValue
        case .time(let time): time.name
        }
    }

    package static let all: [Metric] =
        Count.allCases.map { .count($0) } + [.time(.duration)] + Time.perSpawn.map { .time($0) }

    /// Finds a metric by its `name`, in which `-` may stand for `_`.
    package init?(named name: String) {
        let plain = String(name.map { $0 == "-" ? "_" : $0 })
        guard let found = Self.all.first(where: { $0.name == plain }) else { return nil }
        self = found
    }

    /// Whether events missing from a session can only have made the figure smaller.
    var isLowerBound: Bool {
        switch self {
        case .count(.spawns), .count(.execs), .count(.failedAttempts), .count(.failedCreations): true
        default: false
        }
    }

    package var isCount: Bool {
        if case .count = self { true } else { false }
    }

    /// The name in text for people.
    var title: String {
        switch self {
        case .count(let count): String(count.rawValue.map { $0 == "_" ? " " : $0 })
        case .time(.duration): "duration"
        case .time(let time): "\(time.name) a spawn"
        }
    }
}
