import CPerfEvent
import Glibc
import PerfData
import Session

/// Follows a process and all that it creates by ptrace(2), on the thread that it is made on: they stop when they create,
/// execute and end, and when they get signals.
///
/// A stop costs a switch to this thread and back. So they do not stop at system calls, of which the child of posix_spawn
/// makes more than a hundred before it executes, and nothing is waited for here but the next stop.
struct Tracer: ~Copyable {
    /// The process of each living thread.
    private var threads: [Int32: Int32] = [:]
    private var processes: [Int32: TracedProcess] = [:]
    /// New threads that stopped before their creator's stop told of them.
    private var early: Set<Int32> = []
    private let output: TracedOutput
    private let stackLimit: Int
    /// The event that mappings belong to.
    private let identifier: UInt64
    private let root: Int32
    /// When threads end one by one, the status is the first thread's, and from Linux 5.17 on the last one's.
    private let leaderDecides = Machine().version.map { $0 < KernelVersion(5, 17) } ?? false

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
        threads[root] = root
        processes[root] = TracedProcess()
        return 0
    }

    /// Follows until nothing is left, or until `isOver` after an interrupted wait; what still lives then goes on untraced
    /// when the thread ends.
    mutating func run(until isOver: () -> Bool) {
        while true {
            var stop = cperf_trace_stop()
            let result = unsafe cperf_trace_wait(&stop)
            if result == -EINTR {
                if isOver() { return }
                continue
            }
            guard result >= 0 else { return }
            handle(stop)
            if isOver() { return }
        }
    }

    private mutating func handle(_ stop: cperf_trace_stop) {
        let thread = stop.thread
        if stop.kind == CPERF_STOP_GONE, thread == root { output.rootStatus = Int32(truncatingIfNeeded: stop.message) }
        // The thread that executes has its process's id from then on, whose first thread may have ended for it.
        if stop.kind == CPERF_STOP_EXECUTED, processes[thread] != nil {
            return execute(thread, formerly: Int32(truncatingIfNeeded: stop.message))
        }
        guard threads[thread] != nil else {
            // Its creator's stop tells what it is.
            if stop.kind == CPERF_STOP_TRAP || stop.kind == CPERF_STOP_GROUP { early.insert(thread) }
            return
        }
        switch stop.kind {
        case CPERF_STOP_CREATED: create(Int32(truncatingIfNeeded: stop.message), by: thread)
        case CPERF_STOP_EXITS:
            end(thread, status: UInt32(truncatingIfNeeded: stop.message))
            // It dies as if it had not been traced, and its parent waits for it as ever.
            _ = cperf_trace_resume(thread, CPERF_TRACE_LEAVE, 0)
        case CPERF_STOP_GONE:
            // Killed without a stop.
            end(thread, status: UInt32(truncatingIfNeeded: stop.message))
        case CPERF_STOP_SIGNAL:
            receive(stop.signal, thread)
            resume(thread, stop.signal)
        case CPERF_STOP_GROUP: _ = cperf_trace_resume(thread, CPERF_TRACE_LISTEN, 0)
        case CPERF_STOP_TRAP:
            run(thread)
            resume(thread)
        default: resume(thread)
        }
    }

    private func resume(_ thread: Int32, _ signal: Int32 = 0) {
        _ = cperf_trace_resume(thread, CPERF_TRACE_ON, signal)
    }

    private mutating func record(_ event: JoinedEvent, _ thread: Int32, at time: UInt64) -> TracedRecord {
        let process = threads[thread] ?? thread
        let ran = processes[process]?.ran ?? 0
        processes[process]?.ran = 0
        return TracedRecord(
            event, process: process, thread: thread, time: time, name: TraceeName(of: thread), ran: ran)
    }

    // MARK: - Creations

    private mutating func create(_ child: Int32, by thread: Int32) {
        guard let process = threads[thread] else { return }
        let isEarly = early.remove(child) != nil
        defer {
            resume(thread)
            if isEarly {
                run(child)
                resume(child)
            }
        }
        guard cperf_is_process(child) != 0 else {
            threads[child] = process
            processes[process]?.threads += 1
            return
        }
        let time = Clock.monotonic
        tellMappings(of: process, at: time)
        threads[child] = child
        var created = TracedProcess()
        // A copy of them, or the same ones.
        created.mappedPages = processes[process]?.mappedPages ?? 0
        created.stackStart = processes[process]?.stackStart
        processes[child] = created
        let registers = Tracee.registers(of: thread)
        var record = record(.spawn, thread, at: time)
        let leader = thread == process ? nil : TraceeName(of: process)
        record.addCreation(
            of: child, flags: Self.flags(registers, of: thread), name: leader ?? TraceeName(of: thread),
            registers: registers ?? [], stack: stack(registers, thread, process)[...])
        output.add(record)
    }

    /// What the call that created a process asked for (clone(2)).
    private static func flags(_ registers: [UInt64]?, of thread: Int32) -> UInt64 {
        guard let registers else { return 0 }
        let argument = registers[Tracee.Register.argument1]
        return switch registers[Tracee.Register.call] {
        case 56: argument & ~0xff
        // CLONE_VM and CLONE_VFORK.
        case 58: 0x4100
        // struct clone_args begins with the flags.
        case 435: Tracee.word(of: thread, at: argument) ?? 0
        default: 0
        }
    }

    /// The live part of the stack, as far as what it ends with is known.
    private mutating func stack(_ registers: [UInt64]?, _ thread: Int32, _ process: Int32) -> [UInt8] {
        guard let registers, stackLimit > 0 else { return [] }
        let pointer = registers[Tracee.Register.stack]
        if processes[process]?.stackStart == nil {
            processes[process]?.stackStart = TraceeLayout(of: process)?.stackStart ?? 0
        }
        let start = processes[process]?.stackStart ?? 0
        let base = registers[Tracee.Register.threadBase]
        var size = stackLimit
        if pointer < start, start - pointer < 8 << 20 {
            size = Int(start - pointer) + 8
        } else if let end = Tracee.stackEnd(of: thread, pointer: pointer, threadBase: base) {
            size = Int(end - pointer)
        }
        return Tracee.memory(of: thread, at: pointer, size: min(size, stackLimit))
    }

    /// The first stop of a new thread.
    private mutating func run(_ thread: Int32) {
        guard let process = threads[thread], process == thread, thread != root,
            processes[process]?.hasRun == false
        else { return }
        processes[process]?.hasRun = true
        processes[process]?.ran = Clock.monotonic
    }

    private mutating func tellMappings(of process: Int32, at time: UInt64) {
        guard let pages = Tracee.mappedPages(of: process), pages != processes[process]?.mappedPages else { return }
        processes[process]?.mappedPages = pages
        let records = SyntheticRecords(time: time, identifier: identifier)
        output.add(complete: EarlierProcess.mappings(of: process, records))
    }

    // MARK: - Execs

    private mutating func execute(_ process: Int32, formerly thread: Int32) {
        let time = Clock.monotonic
        // The other threads are gone, and the one that called has its process's id.
        if (processes[process]?.threads ?? 1) > 1 || thread != process {
            threads = threads.filter { $0.value != process }
        }
        threads[process] = process
        let image = TraceeImage(of: process)
        var record = record(.exec, process, at: time)
        // Its file's inode, and the device's number, make it the same for all that execute it.
        let file = image.file.isEmpty ? 0 : image.inode ^ UInt64(image.device) << 32 | 1 << 63
        if file != 0 { output.name(file: file, image.file) }
        record.addExecution(image, name: TraceeName(of: process), file: file)
        output.add(record)
        processes[process]?.threads = 1
        processes[process]?.mappedPages = 0
        processes[process]?.stackStart = image.stackStart
        processes[process]?.leaderStatus = nil
        processes[process]?.groupStatus = nil
        output.add(self.record(.execReturn, process, at: Clock.monotonic))
        resume(process)
    }

    // MARK: - Ends

    private mutating func receive(_ signal: Int32, _ thread: Int32) {
        // SIGCHLD to SIGURG and SIGWINCH end nothing.
        guard let process = threads[thread], !(17...23 ~= signal), signal != 28 else { return }
        var (code, sender): (Int32, Int32) = (0, 0)
        guard unsafe cperf_trace_signal(thread, &code, &sender) >= 0 else { return }
        processes[process]?.received = TracedProcess.Signal(number: signal, code: code, sender: code > 0 ? 0 : sender)
    }

    /// exit_group(2) of x86-64.
    private static let exitGroup: UInt64 = 231

    private mutating func end(_ thread: Int32, status: UInt32) {
        guard let process = threads[thread] else { return }
        let endsAll = status & 0x7f != 0 || Tracee.registers(of: thread)?[Tracee.Register.call] == Self.exitGroup
        if endsAll { processes[process]?.groupStatus = status }
        if thread == process { processes[process]?.leaderStatus = status }
        processes[process]?.threads -= 1
        guard let ended = processes[process], ended.threads <= 0 else {
            threads[thread] = nil
            return
        }
        var record = record(.exit, thread, at: Clock.monotonic)
        let decided = ended.groupStatus ?? (leaderDecides ? ended.leaderStatus ?? status : status)
        // SIGKILL comes without a stop.
        let received = ended.received.flatMap { UInt32(clamping: $0.number) == decided & 0x7f ? $0 : nil }
        record.addEnd(
            status: decided, received: received,
            sender: received.flatMap { $0.sender > 0 ? TraceeName(of: $0.sender) : nil })
        output.add(record)
        threads[thread] = nil
        processes[process] = nil
    }
}
