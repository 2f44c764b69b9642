extension EventPlan {
    /// By index. Events end one after the other, while the workload may go on: what a call leads to ends before the call's own events, so that
    /// nothing is recorded that seems to have happened without one. The return of an exec ends after all that can follow it.
    package var orderOfDisabling: [Int] {
        events.indices.sorted { (Self.rank(events[$0].name), $0) < (Self.rank(events[$1].name), $1) }
    }

    private static func rank(_ name: String) -> Int {
        switch name {
        case "syscalls:sys_enter_execve", "syscalls:sys_enter_execveat": 5
        case "syscalls:sys_exit_execve", "syscalls:sys_exit_execveat": 4
        case _ where name.hasPrefix("syscalls:sys_enter_"): 3
        case _ where name.hasPrefix("syscalls:"): 2
        // A deadly signal is a reason to end, too.
        case _ where name.hasPrefix("signal:"): 1
        default: 0
        }
    }
}
