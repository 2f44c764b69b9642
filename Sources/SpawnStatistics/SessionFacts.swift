/// What a report says about the session as a whole; `nil` means unknown.
package struct SessionFacts: Hashable, Sendable {
    package var origin = SessionOrigin()
    /// The workload's argv; empty if there was none, or it is unknown.
    package var command: [String] = []
    /// Nanoseconds.
    package var duration: UInt64?
    /// Samples of any event.
    package var events = 0
    /// Events that the kernel dropped.
    package var lost: UInt64 = 0
    /// Stacks of creations, and how many of them do not reach their outermost function.
    package var stacks = 0
    package var truncatedStacks = 0
    /// The recording ended before it was meant to, or a part of it is missing.
    package var isCut = false
    package var kernel: String?
    /// The architecture, as named by uname(2).
    package var machine: String?
    package var toolVersion: String?
    package var coverage: EventCoverage = []
    /// Processes that could not be followed any longer after an exec.
    package var unfollowed = 0

    package init() {}
}

/// A session's facts and sums, from which every form of a report is made.
package struct Report: Sendable {
    package var facts: SessionFacts
    package var spawns: SpawnAggregate
    /// Requested events in the whole workload, whichever spawns are selected, also in processes that are not spawns.
    package var events: [EventCount]

    package init(facts: SessionFacts, spawns: SpawnAggregate, events: [EventCount] = []) {
        self.facts = facts
        self.spawns = spawns
        self.events = events
    }

    /// Call sites with spawns, by overhead, then blocked time, then number of spawns, the largest first.
    package var rankedCallSites: [CallSite] {
        spawns.callSites.filter { $0.spawns > 0 }.sorted {
            ($1.phases.overheadSum, $1.blocked, $1.spawns, $0.id)
                < ($0.phases.overheadSum, $0.blocked, $0.spawns, $1.id)
        }
    }

    /// Programs, ordered by the time that their spawns took, then by number of spawns.
    package var rankedPrograms: [SpawnAggregate.Program] {
        spawns.programs.sorted {
            if $0.phases.total.sum != $1.phases.total.sum { return $0.phases.total.sum > $1.phases.total.sum }
            if $0.spawns != $1.spawns { return $0.spawns > $1.spawns }
            return $0.chain.lexicographicallyPrecedes($1.chain)
        }
    }

    /// Control groups, in the same order.
    package var rankedGroups: [GroupTable.Entry] {
        spawns.groups.entries.sorted {
            if $0.phases.total.sum != $1.phases.total.sum { return $0.phases.total.sum > $1.phases.total.sum }
            if $0.spawns != $1.spawns { return $0.spawns > $1.spawns }
            return $0.key.text < $1.key.text
        }
    }

    /// The most frequent first.
    package var rankedFailures: [(failure: SpawnAggregate.Failure, attempts: Int)] {
        spawns.failures.map { ($0.key, $0.value) }.sorted {
            ($1.1, $0.0.path ?? "", $0.0.errno ?? 0, $0.0.callSite ?? 0)
                < ($0.1, $1.0.path ?? "", $1.0.errno ?? 0, $1.0.callSite ?? 0)
        }
    }
}
