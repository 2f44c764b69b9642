/// Which of the events that a report is made from a session has at all; what it has not is not known, and is no zero.
public struct EventCoverage: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// `task:task_newtask`, or FORK records, which tell neither the mechanism nor the call site.
    public static let creations = EventCoverage(rawValue: 1)
    public static let callSites = EventCoverage(rawValue: 1 << 1)
    public static let creatingCalls = EventCoverage(rawValue: 1 << 2)
    public static let creationReturns = EventCoverage(rawValue: 1 << 3)
    public static let attempts = EventCoverage(rawValue: 1 << 4)
    public static let execs = EventCoverage(rawValue: 1 << 5)
    public static let exitCodes = EventCoverage(rawValue: 1 << 6)
    public static let waits = EventCoverage(rawValue: 1 << 7)
    /// The recorder's program tells the paths of failed attempts.
    public static let failedPaths = EventCoverage(rawValue: 1 << 8)
    /// A probe on libc.
    public static let link = EventCoverage(rawValue: 1 << 9)

    /// By the names of a session's events.
    public init(eventNames names: [String], hasForkRecords: Bool) {
        let names = Set(names)
        func has(_ calls: String...) -> Bool { calls.contains { names.contains($0) } }
        self = []
        if hasForkRecords { insert(.creations) }
        if has("task:task_newtask") { formUnion([.creations, .callSites]) }
        if has("syscalls:sys_enter_clone", "syscalls:sys_enter_clone3", "syscalls:sys_enter_vfork") {
            insert(.creatingCalls)
        }
        if has("syscalls:sys_exit_clone", "syscalls:sys_exit_clone3", "syscalls:sys_exit_vfork") {
            insert(.creationReturns)
        }
        if has("syscalls:sys_enter_execve"), has("syscalls:sys_exit_execve") { insert(.attempts) }
        if has("sched:sched_process_exec") { insert(.execs) }
        if has("syscalls:sys_enter_exit_group") { insert(.exitCodes) }
        if has("syscalls:sys_exit_wait4") { insert(.waits) }
        if has("spawnscope:failed_exec") { insert(.failedPaths) }
        if has("spawnscope:linked") { insert(.link) }
    }

    /// What the session cannot tell, and for want of which event.
    public var missing: [(event: String, unknown: String)] {
        let all: [(EventCoverage, String, String)] = [
            (.callSites, "task:task_newtask", "methods, call sites"),
            (.creatingCalls, "entries of clone and fork", "create, total, blocked in creating"),
            (.creationReturns, "returns of clone and fork", "wake, failed creations"),
            (.attempts, "execve", "prepare, search, exec, failed attempts"),
            (.execs, "sched:sched_process_exec", "paths of programs, whose comms stand in"),
            (.exitCodes, "exit_group", "statuses"),
            (.waits, "wait4", "reap, unreaped, blocked in waiting"),
        ]
        return all.compactMap { contains($0.0) ? nil : ($0.1, $0.2) }
    }
}
