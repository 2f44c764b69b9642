import CPerfEvent
import Glibc
import PerfData
import Session

extension Tracer {
    /// A process executes another program; the thread with this id did so before.
    mutating func execute(_ process: Int32, formerly thread: Int32) {
        let time = Clock.monotonic
        // The other threads are gone, and the one that called has its process's id.
        if (processes[process]?.threads ?? 1) > 1 || thread != process {
            threads = threads.filter { $0.value.process != process }
        }
        threads[process] = TracedThread(process: process)
        let image = TraceeImage(of: process)
        let name = image.name ?? TraceeName(of: process)
        var record = record(.exec, process, of: process, at: time, name: name)
        // Its file's inode, and the device's number, make it the same for all that execute it.
        let file = image.file.isEmpty ? 0 : image.inode ^ UInt64(image.device) << 32 | 1 << 63
        if file != 0 { output.name(file: file, image.file) }
        let group = groups.group(of: process, at: time, identifier: identifier)
        if let told = group?.record { output.add(complete: told) }
        record.addExecution(image, name: name, file: file, group: group?.id ?? 0)
        output.add(record)
        if image.asksForRights { output.noteRightsAsked(image.file) }
        if var executed = processes[process] {
            executed.name = name
            executed.threads = 1
            executed.endingThreads = 0
            executed.mappedBytes = 0
            executed.mappings = 0
            executed.attempts = AttemptPlaces()
            executed.watch = nil
            executed.stackStart = image.stackStart
            processes[process] = executed
        }
        output.add(self.record(.execReturn, process, of: process, at: Clock.monotonic, name: name))
        resume(process)
    }

    // MARK: - Attempts that fail

    /// System-call stops of a process that executes nothing: from then on it runs as fast as it can.
    private static var mostCalls: Int { 1000 }
    private static var longestPath: Int { 264 }

    /// How the attempts of a process that `creator` makes will be seen.
    func watch(_ creator: Int32, _ registers: TraceeRegisters?, _ flags: UInt64?) -> AttemptWatch {
        let places = processes[creator]?.attempts ?? AttemptPlaces()
        // CLONE_SIGHAND: a trap would change the creator's handlers, if SIGTRAP is blocked.
        guard !places.isEmpty, let registers, !registers.is32Bit, let flags, flags & 0x800 == 0 else {
            return .calls(left: Self.mostCalls, entered: nil)
        }
        return .places(places, bySpawn: Self.isOfSpawn(registers, flags), left: Self.mostCalls)
    }

    /// posix_spawn(3) creates by clone or clone3 with CLONE_VM and CLONE_VFORK.
    private static func isOfSpawn(_ registers: TraceeRegisters, _ flags: UInt64) -> Bool {
        flags & 0x4100 == 0x4100 && (registers.call == 56 || registers.call == 435)
    }

    /// Before a new process runs.
    mutating func watchAttempts(of process: Int32) {
        guard !isLeaving, case .places(let places, let bySpawn, _) = processes[process]?.watch else { return }
        let addresses = places.places(bySpawn: bySpawn)
        // The kernel unblocks it for a trap, which the program would notice. What shares its creator's memory has all
        // signals blocked at first.
        let isKept = !(processes[process]?.sharesMemory ?? false) && cperf_trace_blocks(process, SIGTRAP) > 0
        if isKept {
            processes[process]?.watch = .calls(left: Self.mostCalls, entered: nil)
        } else if unsafe cperf_trace_break(process, addresses, addresses.count) < 0 {
            processes[process]?.watch = .calls(left: Self.mostCalls, entered: nil)
        }
    }

    /// A thread got SIGTRAP. Returns whether it was at one of our places.
    mutating func failAttempt(_ thread: Int32) -> Bool {
        guard case .places(let places, let bySpawn, let left) = processes[thread]?.watch else { return false }
        var (code, sender): (Int32, Int32) = (0, 0)
        guard unsafe cperf_trace_signal(thread, &code, &sender) >= 0, code == Int32(CPERF_TRAP_BREAK),
            let registers = TraceeRegisters(of: thread)
        else { return false }
        if registers.instruction == places.anyCall {
            // execve or execveat by number.
            if registers.result == 59 || registers.result == 322 {
                _ = cperf_trace_break(thread, nil, 0)
                processes[thread]?.watch = .calls(left: Self.mostCalls, entered: nil)
            } else if left > 0 {
                processes[thread]?.watch = .places(places, bySpawn: bySpawn, left: left - 1)
            } else {
                _ = cperf_trace_break(thread, nil, 0)
                letGo(thread)
            }
            return true
        }
        guard let index = places.returns.firstIndex(of: registers.instruction) else { return false }
        let (first, second) = registers.arguments
        tellFailure(
            thread, registers.result,
            index == 0
                ? AttemptWatch.Attempt(directory: AT_FDCWD, path: first)
                : AttemptWatch.Attempt(directory: Int32(truncatingIfNeeded: first), path: second))
        return true
    }

    private mutating func tellFailure(_ process: Int32, _ result: Int64, _ attempt: AttemptWatch.Attempt) {
        guard -4095..<0 ~= result else { return }
        var record = record(
            .execFailed, process, of: process, at: Clock.monotonic, name: processes[process]?.name ?? TraceeName())
        record.addFailure(
            result, directory: attempt.directory,
            path: Tracee.string(of: process, at: attempt.path, limit: Self.longestPath))
        output.add(record)
    }

    /// A process whose attempts no place shows has stopped at a system call.
    mutating func noteCall(_ process: Int32) {
        guard case .calls(let left, let entered) = processes[process]?.watch else { return }
        guard left > 0 else { return letGo(process) }
        var call = cperf_trace_call()
        var next: AttemptWatch.Attempt?
        if unsafe cperf_trace_call(process, &call) >= 0 {
            if call.is_entry != 0 {
                next = Self.attempt(call)
            } else if let entered {
                tellFailure(process, call.result, entered)
            }
        }
        processes[process]?.watch = .calls(left: left - 1, entered: next)
    }

    /// It goes on unwatched.
    private mutating func letGo(_ process: Int32) {
        processes[process]?.watch = nil
        let name = processes[process]?.name ?? TraceeName()
        output.add(record(.attemptsUnseen, process, of: process, at: Clock.monotonic, name: name))
    }

    /// Takes the places out of processes that go on alone, where a trap would end them: each has to stop for that.
    mutating func leaveAttempts() {
        isLeaving = true
        var left: Set<Int32> = []
        for (process, state) in processes where threads[process] != nil {
            if case .places = state.watch, state.hasRun, cperf_trace_interrupt(process) >= 0 { left.insert(process) }
        }
        let end = Clock.monotonic &+ Self.longestLeaving
        while !left.isEmpty, Clock.monotonic < end {
            var stop = cperf_trace_stop()
            let result = unsafe cperf_trace_wait(&stop)
            if result == -EINTR { continue }
            guard result >= 0 else { return }
            if stop.kind != CPERF_STOP_GONE, left.remove(stop.thread) != nil {
                _ = cperf_trace_break(stop.thread, nil, 0)
            }
            if stop.kind == CPERF_STOP_GONE || stop.kind == CPERF_STOP_EXITS { left.remove(stop.thread) }
            handle(stop)
        }
    }

    /// Nanoseconds: all but those that the kernel does not let stop have done so.
    private static var longestLeaving: UInt64 { 1_000_000_000 }

    /// AUDIT_ARCH_I386 of linux/audit.h.
    private static var compat: UInt32 { 0x4000_0003 }

    private static func attempt(_ call: cperf_trace_call) -> AttemptWatch.Attempt? {
        let arguments = call.arguments
        return switch (call.number, call.architecture == compat) {
        case (59, false), (11, true): AttemptWatch.Attempt(directory: AT_FDCWD, path: arguments.0)
        case (322, false), (358, true):
            AttemptWatch.Attempt(directory: Int32(truncatingIfNeeded: arguments.0), path: arguments.1)
        default: nil
        }
    }
}
