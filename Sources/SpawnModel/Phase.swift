/// A stretch of one spawn's life, in the order of time. Phases are contiguous, never overlap, and add up to the spawn's
/// total.
package enum Phase: Int, CaseIterable, Hashable, Sendable {
    /// From the spawner's entry into clone, clone3, fork or vfork until the child exists.
    case create
    /// Until the child first runs on a CPU.
    case wake
    /// Until its first exec attempt.
    case prepare
    /// Until the attempt that succeeds; of a child whose attempts all failed until the last of them returned.
    case search
    /// From the successful attempt's entry until it returns to user mode.
    case exec
    /// Until `__libc_start_main`, where a probe on libc saw it; otherwise part of `run`.
    case link
    /// Until the process's last thread exits.
    case run
    /// Until the spawner's wait returns this child.
    case reap

    /// As the command line, the JSON report and folded stacks name it.
    package var name: String {
        switch self {
        case .create: "create"
        case .wake: "wake"
        case .prepare: "prepare"
        case .search: "search"
        case .exec: "exec"
        case .link: "link"
        case .run: "run"
        case .reap: "reap"
        }
    }

    /// Those that are a spawn's overhead.
    package static let overhead: [Phase] = [.create, .wake, .prepare, .search, .exec, .link]
}

/// The phases of one spawn that are known, in nanoseconds. Inline storage: one is made for every spawn of a session.
package struct PhaseDurations: Hashable, Sendable {
    private var values = InlineArray<8, UInt64>(repeating: 0)
    private var known: UInt8 = 0

    package init() {}

    /// `nil`: not known, or no phase of this spawn's.
    package subscript(phase: Phase) -> UInt64? {
        get { known & 1 << UInt8(phase.rawValue) != 0 ? values[phase.rawValue] : nil }
        set {
            known &= ~(1 << UInt8(phase.rawValue))
            guard let newValue else { return }
            known |= 1 << UInt8(phase.rawValue)
            values[phase.rawValue] = newValue
        }
    }

    package static func == (left: Self, right: Self) -> Bool { Phase.allCases.allSatisfy { left[$0] == right[$0] } }

    package func hash(into hasher: inout Hasher) { for phase in Phase.allCases { hasher.combine(self[phase]) } }
}

/// The moments at which one phase of a spawn ends and the next begins: event times, nanoseconds; `nil` where the session does
/// not tell.
package struct SpawnBorders: Hashable, Sendable {
    /// The spawner entered the creating call.
    package var creationBegan: UInt64?
    /// `task:task_newtask`.
    package var created: UInt64
    /// The child's return from the creating call.
    package var firstRun: UInt64?
    package var firstAttempt: UInt64?
    /// Entry of the attempt that succeeded.
    package var successfulAttempt: UInt64?
    /// The return of the last attempt that failed.
    package var lastFailure: UInt64?
    /// The successful attempt's return to user mode.
    package var execReturned: UInt64?
    /// Entry of `__libc_start_main`.
    package var linked: UInt64?
    /// The exit of the last thread.
    package var ended: UInt64?
    /// The return of the wait that took the process.
    package var reaped: UInt64?

    package init(created: UInt64) { self.created = created }
}

extension Spawn {
    /// The phases that are known. A phase needs both of its borders, in order.
    package var phases: PhaseDurations {
        var phases = PhaseDurations()
        forEachPhase { phase, start, end in phases[phase] = end - start }
        return phases
    }

    /// The phases that are known, with the event times at which they begin and end, in order.
    @inline(__always)
    package func forEachPhase(_ body: (Phase, _ start: UInt64, _ end: UInt64) -> Void) {
        func tell(_ phase: Phase, from start: UInt64?, to end: UInt64?) {
            guard let start, let end, start <= end else { return }
            body(phase, start, end)
        }
        tell(.create, from: borders.creationBegan, to: borders.created)
        tell(.wake, from: borders.created, to: borders.firstRun)
        switch outcome {
        case .executed:
            tell(.prepare, from: borders.firstRun, to: borders.firstAttempt)
            tell(.search, from: borders.firstAttempt, to: borders.successfulAttempt)
            tell(.exec, from: borders.successfulAttempt, to: borders.execReturned)
            if borders.linked != nil { tell(.link, from: borders.execReturned, to: borders.linked) }
            tell(.run, from: borders.linked ?? borders.execReturned, to: borders.ended)
        case .failed:
            tell(.prepare, from: borders.firstRun, to: borders.firstAttempt)
            tell(.search, from: borders.firstAttempt, to: borders.lastFailure)
            tell(.run, from: borders.lastFailure, to: borders.ended)
        case .forked: tell(.run, from: borders.firstRun, to: borders.ended)
        }
        tell(.reap, from: borders.ended, to: borders.reaped)
    }

    /// The phases that this spawn has been through, known or not; `reap` only where it was reaped, and of one that is unfinished
    /// only those up to the exec.
    package var expectedPhases: [Phase] {
        var expected: [Phase] = [.create, .wake]
        switch outcome {
        case .executed: expected += [.prepare, .search, .exec]
        case .failed: expected += [.prepare, .search]
        case .forked: break
        }
        if borders.ended != nil { expected.append(.run) }
        if borders.reaped != nil { expected.append(.reap) }
        return expected
    }

    /// Whether every phase that it has been through is known.
    package var isComplete: Bool {
        let phases = phases
        return expectedPhases.allSatisfy { phases[$0] != nil }
    }

    /// From the creating call's entry to the reaping, or to the end where nobody reaped it; `nil` where one of them is not known.
    package var total: UInt64? {
        guard let start = borders.creationBegan, let end = borders.reaped ?? borders.ended, start <= end else {
            return nil
        }
        return end - start
    }

    /// `create` to `link`; `nil` where one of these that it has been through is not known.
    package var overhead: UInt64? {
        let phases = phases
        var sum: UInt64 = 0
        for phase in expectedPhases where phase != .run && phase != .reap {
            guard let duration = phases[phase] else { return nil }
            sum &+= duration
        }
        return sum &+ (phases[.link] ?? 0)
    }

    /// What the spawner's threads spent inside the creating call and inside waits for this child, as far as it is known.
    package var blocked: UInt64 { (blockedCreating ?? 0) &+ blockedWaiting }
}
