internal import ByteAccess
package import SpawnModel

/// Which of a session's spawns a report is about. Every condition that is there has to hold.
package struct SpawnSelection: Hashable, Sendable {
    /// How a spawn went, and what became of it.
    package enum Outcome: String, CaseIterable, Hashable, Sendable {
        case executed, forked, failed
        case unreaped, orphaned, unfinished
    }

    /// The path of any of its execs.
    package var program: Glob?
    /// A frame of the call site contains this text.
    package var callSite: String?
    /// Of this process: its own spawn, and those that it made.
    package var pid: Int32?
    /// Nanoseconds since the session's start, of the creation.
    package var from: UInt64?
    /// Nanoseconds since the session's start, of the creation; exclusive.
    package var to: UInt64?
    package var outcome: Outcome?

    package init() {}

    package var isEverything: Bool { self == SpawnSelection() }

    /// All but the call site, whose names are compared once and not for every spawn.
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
    /// The entry of the creating call, or else the moment from which on the child exists.
    package var start: UInt64 { borders.creationBegan ?? borders.created }
}
