import TestSupport
import Testing

/// Where the tracer of the recorder traced runs, and where the workload does.
@Suite struct TracerCPUTests {
    private let directory = SessionDirectory()

    /// The tracer keeps to the CPU of a process that creates one child after another; the workload may run on all, as before.
    @Test func cpusOfTheWorkload() throws {
        let run = try ProgramRun(
            PerfPrivileges.program, "record", "--recorder", "traced", "-o", directory.session, "--", "sh", "-c",
            "i=0; while [ $i -lt 60 ]; do /bin/true; i=$((i + 1)); done; grep Cpus_allowed_list /proc/self/status")
        let without = try ProgramRun("grep", "Cpus_allowed_list", "/proc/self/status")
        #expect(run.status == 0 && run.output == without.output, "\(run.error)")
        #expect(run.error.contains("61 spawns in "), "\(run.error)")
    }
}
