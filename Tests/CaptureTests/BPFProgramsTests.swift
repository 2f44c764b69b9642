@testable import Capture
import KernelPrograms
import PerfRecords
import Session
import TestSupport
import Testing

/// Kernels that are not as the programs expect them.
@Suite struct BPFProgramsTests {
    @Test func anotherLayoutOfATracepointIsRefused() {
        // These have no fields of their own.
        let outputs = BPFOutputs(cpus: [0]) { name throws(RecordingError) in KernelFormats.describe(name) }
        // What reads no field of its tracepoint does without.
        #expect(outputs.programs.map(\.output) == [.imageSizes])
        #expect(
            outputs.notes == [
                "recorded without the paths of failed exec attempts:"
                    + " this kernel's syscalls:sys_enter_execve is missing or another",
                "recorded without whom a waitid for any child reaped:"
                    + " this kernel's syscalls:sys_enter_waitid is missing or another",
                "recorded without the sizes of spawners: this kernel's task:task_newtask is missing or another",
            ])
    }

    @Test func aKernelThatDoesNotTellItsTypes() throws {
        guard PerfPrivileges.available else { return }
        let tracing = try TracingDirectory.find()
        let none = BPFOutputs(cpus: [0], layout: { nil }, describe: tracing.describe)
        #expect(none.programs.map(\.output) == [.failedExec, .reaped])
        #expect(
            none.notes
                == ["the sizes of arguments and environments", "the sizes of spawners"].map {
                    "recorded without \($0): this kernel does not describe its types (/sys/kernel/btf/vmlinux)"
                })
        // One that has them, and none of the structs.
        var asked = 0
        let empty: [UInt8] = [0x9f, 0xeb, 1, 0, 24, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
        let other = BPFOutputs(cpus: [0], systemCalls: false) {
            asked += 1
            return KernelLayout(typeInformation: empty.span.bytes)
        } describe: { name throws(RecordingError) in
            try tracing.describe(name)
        }
        #expect(other.programs.isEmpty && asked == 1)
        #expect(other.notes.count == 2 && other.notes.allSatisfy { $0.hasSuffix("no task_struct.mm, or another") })
    }

    /// Where only resident pages are counted in a way that is not known, the page tables are told.
    @Test func theVerifierTakesEveryProgram() throws {
        guard PerfPrivileges.available else { return }
        let tracing = try TracingDirectory.find()
        var layout = try #require(KernelLayout.ofThisMachine())
        layout.residentPages = nil
        let outputs = BPFOutputs(cpus: [0], layout: { layout }, describe: tracing.describe)
        #expect(outputs.programs.map(\.output) == ProgramOutput.allCases && outputs.notes.isEmpty)
    }

    @Test func callsThatAProgramDidNotSee() {
        var count = RecordingOutcome.EventCount(name: "spawnscope:failed_exec")
        #expect(count.missNote == nil)
        count.missed = 5
        #expect(
            count.missNote
                == "the kernel left a BPF program out of 5 calls: the paths of failed exec attempts may be missing there"
        )
        #expect(RecordingOutcome.EventCount(name: "sched:sched_process_exec", missed: 5).missNote == nil)
    }

    @Test func aMissingTracepointTakesItsOutputAlone() throws {
        guard PerfPrivileges.available else { return }
        let tracing = try TracingDirectory.find()
        let outputs = BPFOutputs(cpus: [0, 1]) { name throws(RecordingError) in
            name.event == "sys_exit_execveat" ? nil : try tracing.describe(name)
        }
        #expect(outputs.programs.map(\.output) == [.reaped, .imageSizes, .spawnerSize])
        #expect(outputs.notes.count == 1 && outputs.notes[0].contains("syscalls:sys_exit_execveat is missing"))
    }
}
