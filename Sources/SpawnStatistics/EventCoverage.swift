/// The events on which a report is based that a session has. What depends on a missing one is unknown, not zero.
package struct EventCoverage: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// `task:task_newtask`, or FORK records, which have neither the method nor the call site.
    package static let creations = EventCoverage(rawValue: 1)
    package static let callSites = EventCoverage(rawValue: 1 << 1)
    package static let creatingCalls = EventCoverage(rawValue: 1 << 2)
    package static let creationReturns = EventCoverage(rawValue: 1 << 3)
    package static let attempts = EventCoverage(rawValue: 1 << 4)
    package static let execs = EventCoverage(rawValue: 1 << 5)
    package static let exitCodes = EventCoverage(rawValue: 1 << 6)
    package static let waits = EventCoverage(rawValue: 1 << 7)
    /// The recorder's BPF program reports the paths of failed attempts.
    package static let failedPaths = EventCoverage(rawValue: 1 << 8)
    /// A probe on libc.
    package static let link = EventCoverage(rawValue: 1 << 9)

    /// The recorder stopped processes, and saw no system calls.
    package static let stops = EventCoverage(rawValue: 1 << 10)

    /// Made from the names of a session's events. `tellsMappings`: its records tell what programs map, the file of one that
    /// was executed first of all.
    package init(eventNames names: [String], hasForkRecords: Bool, tellsMappings: Bool = false) {
        let names = Set(names)
        func has(_ calls: String...) -> Bool { calls.contains { names.contains($0) } }
        self = []
        if hasForkRecords { insert(.creations) }
        if hasForkRecords, tellsMappings { insert(.execs) }
        if has("task:task_newtask") { formUnion([.creations, .callSites]) }
        if has("spawnscope:spawn") { formUnion([.creations, .callSites, .creatingCalls]) }
        if has("syscalls:sys_enter_clone", "syscalls:sys_enter_clone3", "syscalls:sys_enter_vfork") {
            insert(.creatingCalls)
        }
        if has(
            "syscalls:sys_exit_clone", "syscalls:sys_exit_clone3", "syscalls:sys_exit_vfork",
            "spawnscope:creation_return")
        {
            insert(.creationReturns)
        }
        if has("spawnscope:spawn"), !has("spawnscope:creation_return") { insert(.stops) }
        if has("syscalls:sys_enter_execve"), has("syscalls:sys_exit_execve") { insert(.attempts) }
        if has("spawnscope:exec_return") { insert(.attempts) }
        if has("sched:sched_process_exec", "spawnscope:exec") { insert(.execs) }
        if has("syscalls:sys_enter_exit_group", "spawnscope:exit") { insert(.exitCodes) }
        if has("syscalls:sys_exit_wait4", "spawnscope:wait") { insert(.waits) }
        if has("spawnscope:failed_exec", "spawnscope:exec_failed") { insert(.failedPaths) }
        if has("spawnscope:linked") { insert(.link) }
    }

    /// What the session leaves unknown, and which event is missing for it.
    package var missing: [(event: String, unknown: String)] {
        let all: [(EventCoverage, String, String)] = [
            (.callSites, "task:task_newtask", "methods, call sites"),
            (.creatingCalls, "entries of clone and fork", "create, total, blocked in creating"),
            contains(.stops)
                ? (.creationReturns, "system calls", "all phases but run")
                : (.creationReturns, "returns of clone and fork", "wake, failed creations"),
            (.attempts, "execve", "prepare, search, exec, failed attempts, which of forked and failed"),
            (.execs, "sched:sched_process_exec", "paths of programs, whose comms stand in"),
            (.exitCodes, "exit_group", "statuses"),
            (.waits, "wait4", "reap, unreaped, blocked in waiting"),
        ]
        return all.compactMap { contains($0.0) ? nil : ($0.1, $0.2) }
    }
}
