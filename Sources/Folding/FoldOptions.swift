package import Unwinding

/// What a folded stack is made of, outermost part first.
package enum FramePart: String, CaseIterable, Hashable, Sendable {
    /// The comms from the root down to the spawner, each as it was at the creation of the next.
    case ancestry
    /// The spawner's user stack when it created the process.
    case callsite
    /// The paths of its execs, or its `Spawn.mark`.
    case program
    /// A spawn's time in its phases: one stack for each phase that is known.
    case phase
    /// User and kernel frames of a sample.
    case user
    case kernel
    /// The container and the unit that it ran in, by its control group.
    case container
    case unit
}

/// What a folded stack's number counts.
package enum Weight: String, CaseIterable, Hashable, Sendable {
    case spawns
    /// Nanoseconds of one phase of the spawns.
    case create, wake, prepare, search, exec, link, run, reap
    /// Nanoseconds from `create` to `link`.
    case overhead
    /// Nanoseconds that spawners were blocked in creating calls, and in waits for these spawns.
    case blocked
    /// Nanoseconds of all phases.
    case total
    case samples
    /// The sum of the samples' periods, as perf counts: nanoseconds of clocks, events of counters, tracepoint hits.
    case period
}

/// What a fold reports besides its lines.
package struct FoldNotes: Hashable, Sendable {
    /// Samples or spawns that were counted.
    package var counted = 0
    /// Stacks whose outermost frame is `[truncated]`.
    package var truncatedStacks = 0
    /// How often each reason truncated an unwound stack; others are the kernel's callchains, by frame pointers.
    package var truncations: [TruncationReason: Int] = [:]
    /// Events that the kernel dropped.
    package var lostEvents: UInt64 = 0
    /// Records that could not be decoded.
    package var undecodedRecords = 0
    /// Paths of files that are not the recorded ones, and so provide no names.
    package var otherFiles: [String] = []
    /// What is wrong with files that should have names, one line each.
    package var imageNotes: [String] = []
    package init() {}

    /// Paths of the images whose unwind information is damaged.
    package var brokenUnwindTables: [String] = []

    /// Spawns that added nothing, because the requested time is unknown for them.
    package var spawnsWithoutWeight = 0

    /// Adds the counts of another pass over the same records, with its own share of the samples.
    mutating func add(share other: FoldNotes) {
        counted += other.counted
        truncatedStacks += other.truncatedStacks
        truncations.merge(other.truncations, uniquingKeysWith: +)
        undecodedRecords += other.undecodedRecords
        for (own, others) in [
            (\Self.otherFiles, other.otherFiles), (\.imageNotes, other.imageNotes),
            (\.brokenUnwindTables, other.brokenUnwindTables),
        ] {
            let known = Set(self[keyPath: own])
            self[keyPath: own] += others.filter { !known.contains($0) }
        }
    }

    mutating func countTruncated(_ end: UnwindEnd?) {
        truncatedStacks += 1
        if case .truncated(let reason) = end { truncations[reason, default: 0] += 1 }
    }
}
