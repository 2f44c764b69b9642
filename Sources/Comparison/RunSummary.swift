/// What one session says, as plain values: the unit of every comparison, since the spawns of one run are not independent.
package struct RunSummary: Sendable {
    package var facts: RunFacts
    package var whole: ScopeFigures
    /// By the paths of their execs, joined by `ProgramChain.separator`.
    package var programs: [String: ScopeFigures]
    package var callSites: [CallSiteKey: ScopeFigures]

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

/// The figures of a run, of one of its programs, or of one of its call sites. What is not known is absent.
package struct ScopeFigures: Hashable, Sendable {
    package var counts: [Metric.Count: Int]
    /// Nanoseconds: the median of the run's spawns. A run's slowest spawns are those that the machine kept waiting, and one of them
    /// can outweigh the mean of hundreds; and half of the spawns have to change before the median does.
    package var times: [Metric.Time: Double]
    /// Nanoseconds, all spawns together.
    package var overheadSum: UInt64?

    package init(
        counts: [Metric.Count: Int] = [:], times: [Metric.Time: Double] = [:], overheadSum: UInt64? = nil
    ) {
        self.counts = counts
        self.times = times
        self.overheadSum = overheadSum
    }
}

/// What has to be alike before two runs can be compared, and what a run's figures cannot be trusted without.
package struct RunFacts: Hashable, Sendable {
    /// The file, for messages.
    package var path: String
    /// Names the recording itself, whatever its file is called; `nil` where it cannot be told from others.
    package var identity: String?
    /// Nanoseconds since 1970; `nil` where it is not known.
    package var start: UInt64?
    package var command: [String] = []
    /// The side of a comparison that it was recorded for: each has a command of its own.
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
    /// Where in its exit the kernel stamps a process's end.
    package var exitEvent: String?
    /// What was recorded, as far as it changes what the figures mean or cost.
    package var recording: String?
    package var lost: UInt64 = 0
    package var isCut = false
    /// How the command ended, where that was no success.
    package var failure: String?

    /// Something is missing from it.
    package var isIncomplete: Bool { isCut || lost > 0 }

    package init(path: String) { self.path = path }
}
