import ByteAccess
import CPerfEvent
import Glibc
import KernelPrograms
import LinuxSystem
import PerfData
import PerfRecords
import Session

/// The BPF programs of one kind of output, and their maps: loaded, but not attached before `attach`.
final class BPFPrograms {
    let output: ProgramOutput
    /// Program descriptors by tracepoint; two tracepoints may share a program.
    private var programs: [(tracepoint: TracepointName, number: Int32)] = []
    /// Stays open as long as the events do: closing it would empty the map.
    private let outputMap: OwnedDescriptor

    /// `cpus`: the highest CPU number plus one. `layout` is called only for programs that read kernel structs.
    init(
        _ output: ProgramOutput, cpus: Int32, layout: () -> KernelLayout?,
        describe: (TracepointName) throws(RecordingError) -> TracepointDescription?
    ) throws(BPFProgramError) {
        let uses = Self.uses(output)
        for use in uses {
            let format = (try? describe(use.tracepoint))?.format
            guard format != nil, use.fields.allSatisfy({ format?.place(of: $0.name)?.offset == $0.offset }) else {
                throw .tracepoint(use.tracepoint)
            }
        }
        var offsets = try Self.offsets(for: output, layout, describe)
        self.output = output
        outputMap = OwnedDescriptor(try Self.accepted(cperf_bpf_output_map(UInt32(clamping: cpus))))
        // The loaded programs keep a reference to the map.
        let calls = Self.neededFields(output).isEmpty ? try Self.accepted(cperf_bpf_calls_map()) : -1
        defer { if calls >= 0 { _ = close(calls) } }
        var loaded: [UInt32: Int32] = [:]
        for use in uses {
            let known = loaded[use.program.rawValue]
            let number =
                known
                ?? Privileges.raised(.opening) { unsafe cperf_bpf_load(use.program, calls, outputMap.number, &offsets) }
            loaded[use.program.rawValue] = try Self.accepted(number)
            programs.append((use.tracepoint, number))
        }
    }

    private static func offsets(
        for output: ProgramOutput, _ layout: () -> KernelLayout?,
        _ describe: (TracepointName) throws(RecordingError) -> TracepointDescription?
    ) throws(BPFProgramError) -> cperf_offsets {
        let needed = neededFields(output)
        guard !needed.isEmpty else { return cperf_offsets() }
        guard let layout = layout() else { throw .types }
        if let missing = needed.first(where: { layout.offsets[$0] == nil }) { throw .field(missing.rawValue) }
        guard output == .spawnerSize else { return layout.asPrograms(cloneFlags: nil) }
        let creation = TracepointName("task", "task_newtask")
        guard let flags = (try? describe(creation))?.format.place(of: "clone_flags"), flags.size == 8,
            flags.offset % 8 == 0
        else { throw .tracepoint(creation) }
        return layout.asPrograms(cloneFlags: flags.offset)
    }

    deinit {
        for number in Set(programs.map(\.number)) { _ = close(number) }
    }

    private static func accepted(_ call: @autoclosure () -> Int32) throws(BPFProgramError) -> Int32 {
        let number = Privileges.raised(.opening, call)
        guard number >= 0 else { throw .system(code: -number) }
        return number
    }

    /// Sends the output of `cpu` to `event`, a bpf-output event on that CPU.
    func send(cpu: Int32, to event: Int32) throws(BPFProgramError) {
        _ = try Self.accepted(cperf_bpf_set_output(outputMap.number, UInt32(clamping: cpu), event))
    }

    /// Attaches the programs, which run from now on. A program belongs to its tracepoint, not to a CPU: one event of
    /// each tracepoint is enough, and other users of the tracepoint notice nothing. `event` gives the descriptor of an
    /// open event.
    func attach(event: (TracepointName) -> Int32?) throws(BPFProgramError) {
        for (tracepoint, program) in programs {
            guard let number = event(tracepoint) else { throw .tracepoint(tracepoint) }
            _ = try Self.accepted(cperf_event_set_bpf(number, program))
        }
    }

    /// Calls for which the kernel skipped a program. In newer kernels (7.2) a thread can be preempted inside a system
    /// call's program, and the kernel skips the program for threads that run on that CPU meanwhile
    /// (bpf_prog_run_array_sleepable).
    var misses: UInt64 {
        Set(programs.map(\.number)).reduce(0) { $0.addingSaturating(cperf_bpf_misses($1)) }
    }

    private struct Use {
        var program: cperf_program
        var tracepoint: TracepointName
        /// Record fields that the program reads, at the offsets in bytes that it expects.
        var fields: [(name: String, offset: Int)]

        init(
            _ program: cperf_program, _ tracepoint: String, of system: String = "syscalls",
            _ fields: [(name: String, offset: Int)] = []
        ) {
            self.program = program
            self.tracepoint = TracepointName(system, tracepoint)
            self.fields = fields
        }
    }

    private static func uses(_ output: ProgramOutput) -> [Use] {
        switch output {
        case .failedExec:
            [
                Use(CPERF_ENTER_EXECVE, "sys_enter_execve", [("filename", 16)]),
                Use(CPERF_EXIT_EXEC, "sys_exit_execve", [("ret", 16)]),
                Use(CPERF_ENTER_EXECVEAT, "sys_enter_execveat", [("fd", 16), ("filename", 24)]),
                Use(CPERF_EXIT_EXEC, "sys_exit_execveat", [("ret", 16)]),
            ]
        case .reaped:
            [
                Use(CPERF_ENTER_WAITID, "sys_enter_waitid", [("which", 16), ("infop", 32), ("options", 40)]),
                Use(CPERF_EXIT_WAITID, "sys_exit_waitid", [("ret", 16)]),
            ]
        case .imageSizes: [Use(CPERF_IMAGE_SIZES, "sched_process_exec", of: "sched")]
        case .spawnerSize: [Use(CPERF_SPAWNER_SIZE, "task_newtask", of: "task")]
        }
    }

    private static func neededFields(_ output: ProgramOutput) -> [KernelLayout.Field] {
        switch output {
        case .failedExec, .reaped: []
        case .imageSizes: [.memory, .argumentsStart, .argumentsEnd, .environmentStart, .environmentEnd]
        case .spawnerSize: [.memory, .pageTables]
        }
    }

    /// Whether an output needs the tracepoints of system calls.
    static func needsSystemCalls(_ output: ProgramOutput) -> Bool {
        uses(output).contains { $0.tracepoint.system == "syscalls" }
    }
}
