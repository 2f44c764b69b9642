internal import ByteAccess
package import SpawnModel

/// Which of a session's spawns a report is about. Every condition that is set must hold.
package struct SpawnSelection: Hashable, Sendable {
    /// How a spawn went, and what became of it.
    package enum Outcome: String, CaseIterable, Hashable, Sendable {
        case executed, forked, failed
        case unreaped, orphaned, unfinished
    }

    /// Matches the path of any of its execs.
    package var program: Glob?
    /// Text that a frame of the call site contains.
    package var callSite: String?
    /// The spawn with this pid, and those that it created.
    package var pid: Int32?
    /// The earliest creation, in nanoseconds since the session's start.
    package var from: UInt64?
    /// The end of the range of creations, exclusive, in nanoseconds since the session's start.
    package var to: UInt64?
    package var outcome: Outcome?

    package init() {}

    package var isEverything: Bool { self == SpawnSelection() }

    /// Checks all conditions but the call site, whose names are compared only once and not for every spawn.
    func selects(_ spawn: Spawn, sessionStart: UInt64) -> Bool {
        if let program {
            guard spawn.programs.contains(where: program.matches) else { return false }
        }
        if let pid, spawn.pid != pid, spawn.parentPID != pid { return false }
        let start = spawn.start.subtractingSaturating(sessionStart)
        if let from, start < from { return false }
        if let to, start >= to { return false }
        return outcome.map { Self.had(spawn, $0) } ?? true
    }

    func selects(callSite stack: [String]) -> Bool {
        guard let callSite else { return true }
        return stack.contains { $0.contains(callSite) }
    }

    private static func had(_ spawn: Spawn, _ outcome: Outcome) -> Bool {
        switch outcome {
        case .executed: spawn.outcome == .executed
        case .forked: spawn.outcome == .forked
        case .failed: spawn.outcome == .failed
        case .unreaped: spawn.isUnreaped
        case .orphaned: spawn.isOrphaned
        case .unfinished: spawn.isUnfinished
        }
    }
}

extension Spawn {
    /// The entry of the creating call, or, if unknown, the time at which the child exists.
    package var start: UInt64 { borders.creationBegan ?? borders.created }
}
