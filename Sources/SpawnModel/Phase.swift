/// A stretch of one spawn's life; cases are in order of time. Phases are contiguous, never overlap, and add up to the
/// spawn's total.
package enum Phase: Int, CaseIterable, Hashable, Sendable {
    /// From the spawner's entry into clone, clone3, fork or vfork until the child exists.
    case create
    /// Until the child first runs: its own return from the creating call.
    case wake
    /// Until its first exec attempt.
    case prepare
    /// Until the successful attempt begins, or, if all attempts failed, until the last of them returned.
    case search
    /// From the successful attempt's entry until it returns to user mode.
    case exec
    /// Until `__libc_start_main`, if a probe on libc saw it; otherwise that time is part of `run`.
    case link
    /// Until the process's last thread exits.
    case run
    /// Until the spawner's wait returns this child.
    case reap

    /// The name on the command line, in the JSON report and in folded stacks.
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

    /// The phases that make up a spawn's overhead.
    package static let overhead: [Phase] = [.create, .wake, .prepare, .search, .exec, .link]
}

/// The known phases of one spawn, in nanoseconds. Stored inline: one is made for every spawn of a session.
package struct PhaseDurations: Hashable, Sendable {
    private var values = InlineArray<8, UInt64>(repeating: 0)
    private var known: UInt8 = 0

    package init() {}

    /// `nil` if the phase is unknown, or the spawn does not have it.
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

/// The moments at which one phase of a spawn ends and the next begins: event times in nanoseconds, `nil` if the session
/// does not record them.
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
    /// The known phases. A phase is known if both of its borders are, and they are in order.
    package var phases: PhaseDurations {
        var phases = PhaseDurations()
        forEachPhase { phase, start, end in phases[phase] = end - start }
        return phases
    }

    /// Calls `body` with each known phase and the event times of its begin and end, in order.
    @inline(__always)
    package func forEachPhase(_ body: (Phase, _ start: UInt64, _ end: UInt64) -> Void) {
        func tell(_ phase: Phase, from start: UInt64?, to end: UInt64?) {
            guard let start, let end, start <= end else { return }
            body(phase, start, end)
        }
        guard !wasStopped else {
            return tell(.run, from: outcome == .executed ? borders.execReturned : borders.firstRun, to: borders.ended)
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

    /// The phases that this spawn has been through, known or not. An unfinished spawn has only those up to the exec;
    /// `reap` is there only if the spawn was reaped.
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

    /// Whether every phase that the spawn has been through is known.
    package var isComplete: Bool {
        let phases = phases
        return expectedPhases.allSatisfy { phases[$0] != nil }
    }

    /// Nanoseconds from the creating call's entry to the reaping, or to the end if it was not reaped; `nil` if either
    /// is unknown.
    package var total: UInt64? {
        guard let start = borders.creationBegan, let end = borders.reaped ?? borders.ended, start <= end else {
            return nil
        }
        return end - start
    }

    /// The sum of `create` to `link`; `nil` if one of these that the spawn has been through is unknown.
    package var overhead: UInt64? {
        let phases = phases
        var sum: UInt64 = 0
        for phase in expectedPhases where phase != .run && phase != .reap {
            guard let duration = phases[phase] else { return nil }
            sum &+= duration
        }
        return sum &+ (phases[.link] ?? 0)
    }

    /// Nanoseconds that the spawner's threads were in the creating call and in waits for this child, as far as known.
    package var blocked: UInt64 { (blockedCreating ?? 0) &+ blockedWaiting }
}
