/// A creating call that a thread is inside of.
struct PendingCreation: Hashable {
    var began: UInt64
    /// The child, once it exists.
    var child: Int32?
    /// A signal interrupted the call, and the kernel will restart it.
    var isRestarting = false
}

/// Results that the kernel uses internally and never returns to a program: the call is restarted, or fails with EINTR.
enum Restart {
    /// ERESTARTSYS to ERESTART_RESTARTBLOCK. Source: linux/errno.h.
    static func isOne(_ result: Int64) -> Bool { -516 ... -512 ~= result }
}

/// A wait that a thread is inside of.
struct PendingWait: Hashable {
    /// `nil` until `sched_process_wait`, which follows a waitid's entry.
    var began: UInt64?
    /// The child or group that is waited for; 0 for any child.
    var child: Int32 = 0
    /// Set for a waitid(2).
    var waitid: WaitidArguments?
}

/// The arguments of waitid(2) that select what it takes. Source: linux/wait.h.
package struct WaitidArguments: Hashable, Sendable {
    /// P_ALL 0, P_PID 1, P_PGID 2, P_PIDFD 3.
    package var which: Int32
    /// WNOHANG 1, WSTOPPED 2, WEXITED 4, WCONTINUED 8, WNOWAIT 0x1000000.
    package var options: UInt32

    package init(which: Int32, options: UInt32) {
        self.which = which
        self.options = options
    }

    /// It waits for a single child, whose pid is in `sched_process_wait`.
    var isOfOneChild: Bool { which == 1 || which == 3 }
    /// WNOHANG: it does not block.
    var returnsAtOnce: Bool { options & 1 != 0 }
    /// WNOWAIT: an ended child stays a zombie.
    var leavesChild: Bool { options & 0x100_0000 != 0 }
}
