/// The figures of one session. A run is the unit of every comparison, since the spawns of one run are not independent.
package struct RunSummary: Sendable {
    package var facts: RunFacts
    package var whole: ScopeFigures
    /// Keyed by the paths of the spawn's execs, joined by `ProgramChain.separator`.
    package var programs: [String: ScopeFigures]
    package var callSites: [CallSiteKey: ScopeFigures]

    /// Without times, which another recorder measures otherwise.
    var countsAlone: RunSummary {
        func counts(_ figures: ScopeFigures) -> ScopeFigures { ScopeFigures(counts: figures.counts) }
        return RunSummary(
            facts: facts, whole: counts(whole), programs: programs.mapValues(counts),
            callSites: callSites.mapValues(counts))
    }

    package init(
        facts: RunFacts, whole: ScopeFigures, programs: [String: ScopeFigures] = [:],
        callSites: [CallSiteKey: ScopeFigures] = [:]
    ) {
        self.facts = facts
        self.whole = whole
        self.programs = programs
        self.callSites = callSites
    }
}

/// The figures of a run, one of its programs or one of its call sites. Unknown figures are absent.
package struct ScopeFigures: Hashable, Sendable {
    package var counts: [Metric.Count: Int]
    /// Nanoseconds: the median of the run's spawns. A mean would depend on the few spawns that the machine kept
    /// waiting, one of which can outweigh hundreds. The median changes only if half of the spawns do.
    package var times: [Metric.Time: Double]
    /// The overhead of all spawns together, in nanoseconds.
    package var overheadSum: UInt64?

    package init(
        counts: [Metric.Count: Int] = [:], times: [Metric.Time: Double] = [:], overheadSum: UInt64? = nil
    ) {
        self.counts = counts
        self.times = times
        self.overheadSum = overheadSum
    }
}

/// Facts that must be the same before two runs can be compared, and facts that decide whether a run's figures can be
/// trusted.
package struct RunFacts: Hashable, Sendable {
    /// The file's path, for messages.
    package var path: String
    /// Identifies the recording, whatever its file is called; `nil` if it cannot be told from others.
    package var identity: String?
    /// Nanoseconds since 1970; `nil` if not known.
    package var start: UInt64?
    package var command: [String] = []
    /// The side of the comparison that this was recorded for, if any. Each side has its own command.
    package var comparison: Comparison?

    package struct Comparison: Hashable, Sendable {
        package var side: String
        package var id: String

        package init(side: String, id: String) {
            self.side = side
            self.id = id
        }
    }

    /// Host, architecture and number of processors.
    package var machine: String?
    package var kernel: String?
    /// The point of process exit at which the kernel stamps the end.
    package var exitEvent: String?
    /// The kind of recorder: `joined`, `events` and so on; `nil` if it is none of ours.
    package var recorder: String?
    /// The recording options that change what the figures mean or cost.
    package var recording: String?
    package var lost: UInt64 = 0
    /// Processes that could not be followed any longer after an exec.
    package var unfollowed = 0
    package var isCut = false
    /// How the command ended, unless it succeeded.
    package var failure: String?

    /// Whether the session was cut short or lost events.
    package var isIncomplete: Bool { isCut || lost > 0 || unfollowed > 0 }

    package init(path: String) { self.path = path }
}
