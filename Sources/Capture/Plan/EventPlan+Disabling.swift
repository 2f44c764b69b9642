extension EventPlan {
    /// Indices of events in the order in which to disable them. The workload may run on meanwhile: what a call leads to
    /// is disabled before the call's own events, so that no effect is recorded without its call. The return of an exec
    /// is disabled after everything that can follow it.
    package var orderOfDisabling: [Int] {
        events.indices.sorted { (Self.rank(events[$0].name), $0) < (Self.rank(events[$1].name), $1) }
    }

    private static func rank(_ name: String) -> Int {
        switch name {
        case "syscalls:sys_enter_execve", "syscalls:sys_enter_execveat": 5
        case "syscalls:sys_exit_execve", "syscalls:sys_exit_execveat": 4
        case _ where name.hasPrefix("syscalls:sys_enter_"): 3
        case _ where name.hasPrefix("syscalls:"): 2
        // A deadly signal leads to a process's end, which is disabled before it.
        case _ where name.hasPrefix("signal:"): 1
        default: 0
        }
    }
}
