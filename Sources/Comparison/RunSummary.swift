/// What one session says, as plain values: the unit of every comparison, since the spawns of one run are not independent.
public struct RunSummary: Sendable {
    public var facts: RunFacts
    public var whole: ScopeFigures
    /// By the paths of their execs, joined by `ProgramChain.separator`.
    public var programs: [String: ScopeFigures]
    public var callSites: [CallSiteKey: ScopeFigures]

    public init(
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
public struct ScopeFigures: Hashable, Sendable {
    public var counts: [Metric.Count: Int]
    /// Nanoseconds: the median of the run's spawns. A run's slowest spawns are those that the machine kept waiting, and one of them
    /// can outweigh the mean of hundreds; and half of the spawns have to change before the median does.
    public var times: [Metric.Time: Double]
    /// Nanoseconds, all spawns together.
    public var overheadSum: UInt64?

    public init(
        counts: [Metric.Count: Int] = [:], times: [Metric.Time: Double] = [:], overheadSum: UInt64? = nil
    ) {
        self.counts = counts
        self.times = times
        self.overheadSum = overheadSum
    }
}

/// What has to be alike before two runs can be compared, and what a run's figures cannot be trusted without.
public struct RunFacts: Hashable, Sendable {
    /// The file, for messages.
    public var path: String
    /// Names the recording itself, whatever its file is called; `nil` where it cannot be told from others.
    public var identity: String?
    /// Nanoseconds since 1970; `nil` where it is not known.
    public var start: UInt64?
    public var command: [String] = []
    /// The side of a comparison that it was recorded for: each has a command of its own.
    public var comparison: Comparison?

    public struct Comparison: Hashable, Sendable {
        public var side: String
        public var id: String

        public init(side: String, id: String) {
            self.side = side
            self.id = id
        }
    }

    /// Host, architecture and number of processors.
    public var machine: String?
    public var kernel: String?
    /// Where in its exit the kernel stamps a process's end.
    public var exitEvent: String?
    /// What was recorded, as far as it changes what the figures mean or cost.
    public var recording: String?
    public var lost: UInt64 = 0
    public var isCut = false
    /// How the command ended, where that was no success.
    public var failure: String?

    /// Something is missing from it.
    public var isIncomplete: Bool { isCut || lost > 0 }

    public init(path: String) { self.path = path }
}
