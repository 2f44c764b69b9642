/// A creating call that a thread is inside of.
struct PendingCreation: Hashable {
    var began: UInt64
    /// The child, once it exists.
    var child: Int32?
    /// A signal came, and the kernel enters it again.
    var isRestarting = false
}

/// What the kernel returns to itself in place of EINTR and never to a program: the call is made again, or its error is another.
enum Restart {
    /// ERESTARTSYS to ERESTART_RESTARTBLOCK. Source: linux/errno.h.
    static func isOne(_ result: Int64) -> Bool { -516 ... -512 ~= result }
}

/// A wait that a thread is inside of.
struct PendingWait: Hashable {
    /// `nil` before `sched_process_wait`, which follows a waitid's entry.
    var began: UInt64?
    /// The child that is waited for, 0 for any.
    var child: Int32 = 0
    /// waitid(2)'s arguments.
    var waitid: WaitidArguments?
}

/// The arguments of waitid(2) that say what it takes. Source: linux/wait.h.
package struct WaitidArguments: Hashable, Sendable {
    /// P_ALL 0, P_PID 1, P_PGID 2, P_PIDFD 3.
    package var which: Int32
    /// WNOHANG 1, WSTOPPED 2, WEXITED 4, WCONTINUED 8, WNOWAIT 0x1000000.
    package var options: UInt32

    package init(which: Int32, options: UInt32) {
        self.which = which
        self.options = options
    }

    /// One child is meant, whose pid `sched_process_wait` tells.
    var isOfOneChild: Bool { which == 1 || which == 3 }
    /// It does not block.
    var returnsAtOnce: Bool { options & 1 != 0 }
    /// An ended child is left as it is.
    var leavesChild: Bool { options & 0x100_0000 != 0 }
}
