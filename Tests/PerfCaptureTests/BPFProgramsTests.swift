import PerfRecords
import TestSupport
import Testing

@testable import PerfCapture

/// Kernels that are not as the programs expect them.
@Suite struct BPFProgramsTests {
    @Test func anotherLayoutOfATracepointIsRefused() {
        // These have no fields of their own.
        let outputs = BPFOutputs(cpus: [0]) { name throws(RecordingError) in KernelFormats.describe(name) }
        #expect(outputs.programs.isEmpty)
        #expect(
            outputs.notes == [
                "recorded without the paths of failed exec attempts:"
                    + " this kernel's syscalls:sys_enter_execve is missing or another",
                "recorded without whom a waitid for any child reaped:"
                    + " this kernel's syscalls:sys_enter_waitid is missing or another",
            ])
    }

    @Test func aMissingTracepointTakesItsOutputAlone() throws {
        guard PerfPrivileges.available else { return }
        let tracing = try TracingDirectory.find()
        let outputs = BPFOutputs(cpus: [0, 1]) { name throws(RecordingError) in
            name.event == "sys_exit_execveat" ? nil : try tracing.describe(name)
        }
        #expect(outputs.programs.map(\.output) == [.reaped])
        #expect(outputs.notes.count == 1 && outputs.notes[0].contains("syscalls:sys_exit_execveat is missing"))
    }
}
