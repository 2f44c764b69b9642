internal import PerfRecords
package import Session

/// One event in the life of a process, decoded from the tracepoints that mark the borders of phases.
///
/// `process` and `thread` are the ids of the task in which the event fired; `time` is the event's own, in nanoseconds.
package struct LifecycleEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// `task:task_newtask`, in the spawner: the child exists. `cloneFlags` is `nil` if only a FORK record was seen.
        case created(child: Int32, cloneFlags: UInt64?)
        /// Entry of clone, clone3, fork or vfork.
        case creationBegan
        /// A creating call returned: 0 in the child, where this is its first run; negative on failure. `mayBeThreads`:
        /// the call can also create threads, as clone and clone3 do.
        case creationReturned(result: Int64, mayBeThreads: Bool = true)
        /// Entry of execve or execveat. `path`: as passed, where the kernel copies it into the event.
        case attemptBegan(path: String? = nil)
        /// Entry of execveat(AT_EXECVE_CHECK), which executes nothing whatever it returns.
        case checkBegan
        /// execve or execveat returned. If a seccomp filter answers with a signal, the result is the call's number,
        /// above 0.
        case attemptEnded(result: Int64)
        /// An attempt failed, as the recorder's BPF program reports just before the call returns. `path` is `nil` if
        /// the program could not read it.
        case attemptFailed(path: String?, errno: Int32)
        /// Attempts of this process that fail are not seen any more, until one succeeds.
        case attemptsUnseen
        /// `sched:sched_process_exec`: an attempt succeeded. `oldThread` is the thread that made it, which now has the
        /// leader's id; 0 if it was not the leader and its id is unknown.
        case executed(path: String, oldThread: Int32)
        /// The size of the strings of a program being executed, from the recorder's BPF program; before `executed`.
        case imageMeasured(ProgramOutput.ImageSizes)
        /// The memory size of a process that creates another, from the recorder's BPF program; before `created`.
        case spawnerMeasured(ProgramOutput.SpawnerSize)
        /// Entry of exit or exit_group.
        case exitRequested(code: Int32, isGroup: Bool)
        /// `signal:signal_deliver` of a signal that will end the process.
        case deadlySignal(Int32)
        /// `signal:signal_generate` of a signal other than SIGCHLD that reached its target, a thread of any process. It
        /// fires in the sender; the kernel's own signals, for a fault or a timer, are generated in the running task.
        case signalSent(Int32, toThread: Int32, isKernels: Bool)
        /// `sched:sched_process_exit`; `isGroupDead` is `nil` if the kernel does not say whether it was the last.
        case threadExited(isGroupDead: Bool?)
        /// A waitid for any child, or any of a process group, took this one. The pid is in the waiter's namespace.
        case reaped(child: Int32)
        /// `sched:sched_process_wait`: a wait begins, for this child or group; 0 for any child.
        case waitBegan(child: Int32)
        /// wait4 returned this child, by its pid in the waiting process's namespace; 0 if the wait was not to block
        /// (WNOHANG) and no child had changed state.
        case waitReturned(child: Int32)
        /// Entry of waitid, before its `waitBegan`.
        case waitidBegan(WaitidArguments)
        /// waitid returned 0.
        case waitidReturned
        /// `signal:signal_generate` of SIGCHLD for a child that ended. It fires in that child and goes to the parent,
        /// unless the parent ignores its children. For a traced child it goes to the tracer, and fires in the tracer
        /// for the parent once the tracer has waited. It also fires in a parent that ends, for each child that it
        /// leaves unreaped, and goes to the child's new parent. `thread` is the target; `nil` if its id is unknown.
        case parentTold(thread: Int32?)
        /// `io_uring:io_uring_create`: the process can do through the ring what otherwise takes system calls.
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
    /// With `.created` and `.executed`: the id of the new process's control group; `nil` if the session does not tell it.
    package var group: UInt64?

    package init(_ kind: Kind, process: Int32, thread: Int32, time: UInt64, group: UInt64? = nil) {
        self.kind = kind
        self.process = process
        self.thread = thread
        self.time = time
        self.group = group
    }
}

extension LifecycleEvent.Kind {
    /// Whether the kernel does this to a process that has already ended.
    var isOfTearDown: Bool {
        if case .parentTold = self { true } else { false }
    }
}
