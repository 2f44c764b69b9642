import TestSupport
import Testing

/// Nothing that reads a session executes a program for it: no addr2line, no nm, no perf, no c++filt. The one process that it makes, the worker,
/// makes none.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedChildlessTests {
    private let directory = FoldDirectory()
    private var session: String { directory.path + "/s.data" }

    private static let questions: [[String]] = [
        ["fold"], ["fold", "--event", "spawnscope:spawn", "--names", "perf"], ["report", "--all"],
        ["report", "--format", "json", "--spawns"], ["flamegraph", "-o", "/dev/null"],
        ["export", "--format", "pprof", "-o", "/dev/null"], ["export", "--format", "chrome", "-o", "/dev/null"],
        ["info"],
    ]

    /// Lines of strace about what was created or executed, but for the program's own start and its threads.
    private func processes(_ arguments: [String]) throws -> [String] {
        let log = directory.path + "/strace.log"
        let run = try ProgramRun(
            [
                "strace", "-f", "-qq", "-e", "trace=clone,clone3,fork,vfork,execve,execveat", "-e", "signal=none", "-o",
                log,
            ]
                + [PerfPrivileges.program] + arguments)
        #expect(run.status == 0, "\(arguments): \(run.error)")
        let lines = String(decoding: try Compiler.bytes(log), as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(lines.first?.contains("execve(\"\(PerfPrivileges.program)\"") == true, "\(lines)")
        return lines.dropFirst().filter { !$0.contains("CLONE_THREAD") && !$0.contains("resumed>") }
    }

    /// A C++ program without frame pointers: unwound, and with names to demangle.
    @Test func noProgramIsExecuted() throws {
        let program = try Workload.build("spawn_threads", .bare, in: directory.path)
        let run = try ProgramRun(
            PerfPrivileges.program, "record", "--no-pack", "--sample", "999", "-o", session, "--", program, "20")
        #expect(run.status == 0, "\(run.error)")
        for question in Self.questions + [["pack"], ["fold"]] {
            let made = try processes(question + [session])
            #expect(
                made.count == 1 && made[0].contains("clone(") && made[0].contains("SIGCHLD"), "\(question): \(made)")
        }
        let fold = try ProgramRun(PerfPrivileges.program, "fold", session)
        #expect(fold.output.contains("std::"), "\(fold.output)")
    }
}
