import CPerfEvent
import Glibc
import PerfData
import PerfRecords

/// The BPF programs behind one kind of output, loaded but not attached yet, and their maps.
final class BPFPrograms {
    let output: ProgramOutput
    /// Which program belongs to which tracepoint, by descriptor.
    private var programs: [(tracepoint: TracepointName, number: Int32)] = []
    /// Closing it would empty it: it stays open as long as the events do.
    private let outputMap: OwnedDescriptor

    /// Why there are none.
    enum Refusal: Error {
        /// This kernel has not the tracepoint, or not as the programs expect it.
        case tracepoint(TracepointName)
        case system(code: Int32)
    }

    /// `cpus`: one more than the highest CPU number.
    init(
        _ output: ProgramOutput, cpus: Int32,
        describe: (TracepointName) throws(RecordingError) -> TracepointDescription?
    ) throws(Refusal) {
        let uses = Self.uses(output)
        for use in uses {
            let format = (try? describe(use.tracepoint))?.format
            guard use.fields.allSatisfy({ format?.field($0.name)?.offset == $0.offset }) else {
                throw .tracepoint(use.tracepoint)
            }
        }
        self.output = output
        outputMap = OwnedDescriptor(try Self.accepted(cperf_bpf_output_map(UInt32(clamping: cpus))))
        // The programs keep it.
        let calls = OwnedDescriptor(try Self.accepted(cperf_bpf_calls_map()))
        var loaded: [UInt32: Int32] = [:]
        for use in uses {
            let known = loaded[use.program.rawValue]
            let number = known ?? cperf_bpf_load(use.program, calls.number, outputMap.number)
            loaded[use.program.rawValue] = try Self.accepted(number)
            programs.append((use.tracepoint, number))
        }
    }

    deinit {
        for number in Set(programs.map(\.number)) { _ = close(number) }
    }

    private static func accepted(_ number: Int32) throws(Refusal) -> Int32 {
        guard number >= 0 else { throw .system(code: -number) }
        return number
    }

    /// Sends what happens on `cpu` to `event`, a bpf-output event there.
    func send(cpu: Int32, to event: Int32) throws(Refusal) {
        _ = try Self.accepted(cperf_bpf_set_output(outputMap.number, UInt32(clamping: cpu), event))
    }

    /// Runs the programs from now on. A program belongs to its tracepoint, not to a CPU: one event of each is enough, and
    /// other users of the tracepoint notice nothing. `event` gives the descriptor of one that is open.
    func attach(event: (TracepointName) -> Int32?) throws(Refusal) {
        for (tracepoint, program) in programs {
            guard let number = event(tracepoint) else { throw .tracepoint(tracepoint) }
            _ = try Self.accepted(cperf_event_set_bpf(number, program))
        }
    }

    private struct Use {
        var program: cperf_program
        var tracepoint: TracepointName
        /// What the program reads, and where.
        var fields: [(name: String, offset: Int)]

        init(_ program: cperf_program, _ tracepoint: String, _ fields: [(name: String, offset: Int)]) {
            self.program = program
            self.tracepoint = TracepointName("syscalls", tracepoint)
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
        }
    }
}
