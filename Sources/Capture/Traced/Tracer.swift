import CPerfEvent
import Glibc
import LinuxSystem
import PerfData
import Session

/// Follows a process and all that it creates by ptrace(2), on the thread that it is made on: they stop when they create and
/// execute, when they get signals, and before they end if they have created something.
///
/// A stop costs a switch to this thread and back. So they do not stop at system calls, of which the child of posix_spawn
/// makes more than a hundred before it executes, a process that creates nothing does not stop when it ends, and nothing is
/// waited for here but the next stop.
struct Tracer: ~Copyable {
    /// Living threads.
    var threads: [Int32: TracedThread] = [:]
    var processes: [Int32: TracedProcess] = [:]
    /// Stops of new threads whose creator's stop has not told of them yet.
    private var early: [Int32: EarlyStop] = [:]
    var groups = TracedGroups()
    let output: TracedOutput
    let stackLimit: Int
    /// The event that mappings belong to.
    let identifier: UInt64
    let root: Int32
    /// What still lives is about to go on alone.
    var isLeaving = false
    var spawnerFile = SpawnerFile()
    var spawnerCPU = SpawnerCPU()
    private let ownNamespace = SystemFile.link("/proc/self/ns/pid")

    /// A creator's stop comes within this time, in nanoseconds, or it was killed before it could stop: where its process
    /// is known to live, only the machine is slow.
    private static let longestEarly: UInt64 = 100_000_000
    private static let longestOfLiving: UInt64 = 2_000_000_000

    private struct EarlyStop {
        var stop: cperf_trace_stop
        var time: UInt64
    }

    init(root: Int32, _ output: TracedOutput, stackLimit: Int, identifier: UInt64) {
        self.root = root
        self.output = output
        self.stackLimit = stackLimit
        self.identifier = identifier
    }

    /// Begins to trace the root, which waits to be released. Returns 0 or -errno.
    mutating func begin() -> Int32 {
        let result = cperf_trace_seize(root)
        guard result >= 0 else { return result }
        threads[root] = TracedThread(process: root)
        processes[root] = TracedProcess(parent: 0, name: TraceeName(of: root), stopsAtExits: true)
        return 0
    }

    /// Follows until nothing is left, or until `isOver` after an interrupted wait; what still lives then goes on untraced
    /// when the thread ends.
    mutating func run(until isOver: () -> Bool) {
        while true {
            var stop = cperf_trace_stop()
            let result = unsafe cperf_trace_wait(&stop)
            if result == -EINTR {
                if isOver() { break }
                adoptLate()
                continue
            }
            guard result >= 0 else { break }
            handle(stop)
            if !early.isEmpty { adoptLate() }
            if isOver() { break }
        }
        leaveAttempts()
        for process in processes.keys.sorted() { tellEndedChildren(of: process) }
    }

    mutating func handle(_ stop: cperf_trace_stop) {
        let thread = stop.thread
        // The thread that executes has its process's id from then on, whose first thread may have ended for it.
        if stop.kind == CPERF_STOP_EXECUTED, processes[thread] != nil {
            return execute(thread, formerly: Int32(truncatingIfNeeded: stop.message))
        }
        guard threads[thread] != nil else {
            // Its creator's stop tells what it is.
            hold(stop)
            return
        }
        switch stop.kind {
        case CPERF_STOP_CREATED: create(Int32(truncatingIfNeeded: stop.message), by: thread)
        case CPERF_STOP_EXITS: beginEnd(thread)
        case CPERF_STOP_GONE:
            end(thread, status: UInt32(truncatingIfNeeded: stop.message))
        case CPERF_STOP_SIGNAL:
            if stop.signal == SIGTRAP, failAttempt(thread) { return resume(thread) }
            receive(stop.signal, thread)
            resume(thread, stop.signal)
        case CPERF_STOP_GROUP: _ = cperf_trace_resume(thread, CPERF_TRACE_LISTEN, 0)
        case CPERF_STOP_TRAP:
            begin(thread)
            resume(thread)
        case CPERF_STOP_CALL:
            noteCall(thread)
            resume(thread)
        case CPERF_STOP_KILLED: break
        default: resume(thread)
        }
    }

    /// A stop of a new thread before its creator's. Another thread of a known process need not wait for that, which does not
    /// come if the creator is killed.
    private mutating func hold(_ stop: cperf_trace_stop) {
        let thread = stop.thread
        if stop.kind != CPERF_STOP_GONE, cperf_is_process(thread) == 0,
            let process = ProcessStatus(of: thread)?.leader, processes[process] != nil
        {
            threads[thread] = TracedThread(process: process)
            processes[process]?.threads += 1
            return handle(stop)
        }
        early[thread] = EarlyStop(stop: stop, time: Clock.monotonic)
        output.awaitsTracer = true
    }

    /// What a new thread's creator has told of now: its stop so far.
    mutating func catchUp(_ thread: Int32) {
        guard let held = early.removeValue(forKey: thread) else { return }
        if early.isEmpty { output.awaitsTracer = false }
        handle(held.stop)
    }

    /// A process has been killed, perhaps before it could stop for a process that it had created.
    mutating func adoptChildren(of killed: Int32) {
        for (thread, held) in early where held.stop.kind != CPERF_STOP_GONE {
            // The creators of others live.
            guard let status = ProcessStat(of: thread), processes[status.parent] == nil, cperf_is_process(thread) != 0
            else { continue }
            adopt(thread, by: killed)
        }
    }

    /// New processes that nobody has told of for too long: whose they are is not known.
    private mutating func adoptLate() {
        let now = Clock.monotonic
        for (thread, held) in early where now > held.time &+ Self.longestEarly {
            if held.stop.kind == CPERF_STOP_GONE {
                early[thread] = nil
            } else {
                let parent = ProcessStat(of: thread)?.parent ?? root
                if processes[parent] != nil, now < held.time &+ Self.longestOfLiving { continue }
                guard cperf_is_process(thread) != 0 else {
                    early[thread] = nil
                    _ = cperf_trace_resume(thread, CPERF_TRACE_ON, 0)
                    continue
                }
                adopt(thread, by: processes[parent] == nil ? root : parent)
            }
        }
        if early.isEmpty { output.awaitsTracer = false }
    }

    private mutating func adopt(_ child: Int32, by process: Int32) {
        guard early[child] != nil else { return }
        tellCreation(of: child, by: process, at: Clock.monotonic)
        catchUp(child)
    }

    func resume(_ thread: Int32, _ signal: Int32 = 0) {
        var how = CPERF_TRACE_ON
        if case .calls = processes[thread]?.watch { how = CPERF_TRACE_CALLS }
        _ = cperf_trace_resume(thread, how, signal)
    }

    mutating func record(
        _ event: JoinedEvent, _ thread: Int32, of process: Int32, at time: UInt64, name: TraceeName
    ) -> TracedRecord {
        let ran = processes[process]?.ran ?? 0
        processes[process]?.ran = 0
        return TracedRecord(event, process: process, thread: thread, time: time, name: name, ran: ran)
    }

    // MARK: - Signals

    private mutating func receive(_ signal: Int32, _ thread: Int32) {
        // SIGCHLD to SIGURG and SIGWINCH end nothing.
        guard let process = threads[thread]?.process, !(17...23 ~= signal), signal != 28 else { return }
        var (code, sender): (Int32, Int32) = (0, 0)
        guard unsafe cperf_trace_signal(thread, &code, &sender) >= 0 else { return }
        processes[process]?.received = nil
        var received = TracedProcess.Signal(number: signal, code: code, sender: code > 0 ? 0 : sender)
        if received.sender > 0 {
            // The number is that of the receiver's pid namespace.
            guard SystemFile.link("/proc/\(process)/ns/pid") == ownNamespace else { return }
            received.senderName = TraceeName(of: received.sender)
        }
        processes[process]?.received = received
    }
}

/// A living thread.
struct TracedThread {
    let process: Int32
    /// It has stopped because it is about to end.
    var isEnding = false
}
