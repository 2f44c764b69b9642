internal import PerfRecords
package import Session

/// One thing that happened to a process, as the model needs it: the tracepoints of DESIGN's borders, decoded.
///
/// `process` and `thread` are the ids of the task on which the event fired; times are the events' own, nanoseconds.
package struct LifecycleEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// `task:task_newtask`, in the spawner: the child exists. `cloneFlags` is `nil` where only a FORK record told it.
        case created(child: Int32, cloneFlags: UInt64?)
        /// Entry of clone, clone3, fork or vfork.
        case creationBegan
        /// A creating call returned: 0 in the child, which is its first run; negative when it failed.
        /// `mayBeThreads`: the call makes threads, too, as clone and clone3 do.
        case creationReturned(result: Int64, mayBeThreads: Bool = true)
        /// Entry of execve or execveat. `path`: as passed, where the kernel copies it into the event.
        case attemptBegan(path: String? = nil)
        /// Entry of execveat(AT_EXECVE_CHECK), which executes nothing whatever it returns.
        case checkBegan
        /// The return of execve or execveat. A filter (seccomp) that answers with a signal leaves the call's own number there, above 0.
        case attemptEnded(result: Int64)
        /// The failure of an attempt, as the recorder's program tells it just before its return; `path` is `nil` where the program could
        /// not read it.
        case attemptFailed(path: String?, errno: Int32)
        /// `sched:sched_process_exec`: it succeeded. `oldThread` is the thread that asked, which has the leader's id now; 0 where
        /// it was not the leader and its id is not known.
        case executed(path: String, oldThread: Int32)
        /// The recorder's program tells how large the strings of the program are that is being executed, just before `executed`.
        case imageMeasured(ProgramOutput.ImageSizes)
        /// The recorder's program tells how large a process is that makes another, just before `created`.
        case spawnerMeasured(ProgramOutput.SpawnerSize)
        /// Entry of exit or exit_group.
        case exitRequested(code: Int32, isGroup: Bool)
        /// `signal:signal_deliver` of a signal that will end the process.
        case deadlySignal(Int32)
        /// `signal:signal_generate` of another signal, in whoever sent it: it reached its target, a thread of any process. The kernel's
        /// own, of a fault or a timer, are generated in whatever task runs just then.
        case signalSent(Int32, toThread: Int32, isKernels: Bool)
        /// `sched:sched_process_exit` of a thread; `isGroupDead` is `nil` on kernels that do not tell whether it was the last.
        case threadExited(isGroupDead: Bool?)
        /// A waitid for any child, or any of a group, took this one. By its pid in the waiting process's namespace.
        case reaped(child: Int32)
        /// `sched:sched_process_wait`: a wait for this child begins, 0 for any; for children of a group that group's id.
        case waitBegan(child: Int32)
        /// wait4 returned this child, by its pid in the waiting process's namespace; 0 where it was not to block, and no child had
        /// anything to tell.
        case waitReturned(child: Int32)
        /// Entry of waitid, before its `waitBegan`.
        case waitidBegan(WaitidArguments)
        /// waitid returned 0.
        case waitidReturned
        /// `signal:signal_generate` of SIGCHLD for a child that ended, in that child, or in its tracer, which waited for it: the parent, which
        /// does not ignore its children, or before it the tracer. Or in a parent that ends, for each child that it leaves unreaped: whoever
        /// inherits that is told. `thread` is of whom it was sent to, `nil` where its number is unknown.
        case parentTold(thread: Int32?)
        /// `io_uring:io_uring_create`: the process can do by it what otherwise takes system calls.
        case ringCreated
        /// Entry of `__libc_start_main`.
        case linked
        /// A FORK record that made a thread of `process`.
        case threadCreated(Int32)
        /// An EXIT record.
        case threadEnded
    }

    package var kind: Kind
    package var process: Int32
    package var thread: Int32
    package var time: UInt64

    package init(_ kind: Kind, process: Int32, thread: Int32, time: UInt64) {
        self.kind = kind
        self.process = process
        self.thread = thread
        self.time = time
    }
}

extension LifecycleEvent.Kind {
    /// What the kernel does to a process that has ended.
    var isOfTearDown: Bool {
        if case .parentTold = self { true } else { false }
    }
}
