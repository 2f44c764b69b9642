import TestSupport
import Testing

/// Calls of functions, and other events that were asked for, counted beside the spawns.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedProbeTests {
    private let directory = FoldDirectory()
    private var session: String { directory.path + "/s.data" }

    private static let source = """
        #include <sys/wait.h>
        #include <unistd.h>
        static volatile int ticks;
        __attribute__((noinline)) void tick(void) { ticks++; __asm__ volatile(""); }
        __attribute__((noinline)) void often(void) { for (int i = 0; i < 7; i++) tick(); __asm__ volatile(""); }
        int main(void) {
          tick();
          often();
          pid_t pid = fork();
          if (pid == 0) {
            for (int i = 0; i < 3; i++) tick();
            execl("/bin/true", "true", (char *)0);
            _exit(1);
          }
          int status;
          return waitpid(pid, &status, 0) < 0;
        }
        """

    private func record(_ options: [String], _ command: [String]) throws -> ProgramRun {
        let run = try ProgramRun([PerfPrivileges.program, "record", "-o", session] + options + ["--"] + command)
        #expect(run.status == 0, "\(run.error)")
        return run
    }

    private func output(_ words: String...) throws -> String {
        let run = try ProgramRun([PerfPrivileges.program] + words + [session])
        #expect(run.status == 0, "\(words): \(run.error)")
        return run.output
    }

    @Test(arguments: [[], ["--no-pack"]])
    func everyCallWithItsStack(options: [String]) throws {
        let program = try Compiler.program(Self.source, ["-O2", "-fomit-frame-pointer"], in: directory.path)
        let run = try record(options + ["--probe", program + ":tick", "--probe", program + ":tock"], [program])
        #expect(
            run.error.contains("\(program) has no function tock (did you mean 'tick'?): it was not counted"),
            "\(run.error)")
        let fold = try output("fold", "--event", "probe_program:tick")
        let stacks = fold.split(separator: "\n").map { line in
            line.split(separator: ";").drop { $0 != "main" && !$0.hasPrefix("main ") }.joined(separator: ";")
        }
        #expect(Set(stacks) == ["main;tick 4", "main;often;tick 7"], "\(fold)")
        #expect(!fold.contains("[truncated]"))
        let report = try output("report")
        let line = "                11       11.0  probe_program:tick: no spawn's 73%, prepare 27%\n"
        #expect(report.contains(line), "\(report)")
        let script = """
            (event,) = report["events"]
            assert event["name"] == "probe_program:tick", event
            assert (event["count"], event["of_roots"], event["phases"]) == (11, 8, {"prepare": 3}), event
            (site,) = report["callsites"]
            assert site["events"] == {"probe_program:tick": 3}, site
            (spawn,) = report["spawns"]
            assert spawn["events"] == {"probe_program:tick": 3}, spawn
            """
        let json = try output("report", "--format", "json", "--spawns")
        #expect(try ReportChecker.problems(json, script, in: directory.path) == "")
        // The spawns are counted as ever, and samples of execution are none of this.
        #expect(try output("fold", "--frames", "program") == "/bin/true 1\n")
        let info = try output("info")
        #expect(info.contains("\n  probe_program:tick: 11, 0, 0\n"), "\(info)")
        let perf = try ProgramRun("perf", "script", "-i", session, "-F", "comm,event,ip,sym")
        #expect(perf.status == 0 && perf.output.contains("probe_program:tick"), "\(perf.error)")
    }

    /// A stripped program of Go, by the names in its function table, and one of libc by a name that only its callers' files have.
    @Test(.enabled(if: Workload.prebuilt("spawn_loop_go_stripped") != nil || PerfPrivileges.areRequired, "needs Go"))
    func strippedGo() throws {
        let program = try #require(Workload.prebuilt("spawn_loop_go_stripped"))
        _ = try record(["--probe", program + ":os.StartProcess"], [program, "20"])
        let fold = try output("fold", "--event", "probe_spawn_loop_go_stripped:os.StartProcess")
        // Now and then a function of Go starts again, after its stack has grown or another goroutine had its turn.
        let calls = fold.split(separator: "\n").compactMap { Int($0.split(separator: " ").last ?? "") }.reduce(0, +)
        #expect(20...23 ~= calls && fold.contains(";main.runTool;") && fold.contains(";os.StartProcess "), "\(fold)")
        #expect(try output("fold", "--frames", "program").hasSuffix("/true 20\n"))
    }

    /// C++, by what people read.
    @Test func byTheReadableName() throws {
        try Compiler.write(
            Array(
                """
                namespace a { __attribute__((noinline)) int f(int n) { return n + 1; } }
                int main(int n, char **) { return a::f(n) - 2; }

                """.utf8),
            to: directory.path + "/p.cc")
        let program = directory.path + "/p"
        try Compiler.run(["g++", "-O1", "-o", program, program + ".cc"])
        _ = try record(["--probe", program + ":a::f"], [program])
        let fold = try output("fold", "--event", "probe_p:a::f")
        #expect(fold.hasSuffix(";main;a::f 1\n"), "\(fold)")
    }

    /// Tracepoints of `-e` are counted the same way.
    @Test func pageFaultsOfSpawns() throws {
        _ = try record(["-e", "exceptions:page_fault_user"], ["/bin/sh", "-c", "/bin/true; /bin/true; :"])
        let script = """
            (event,) = report["events"]
            assert event["name"] == "exceptions:page_fault_user", event
            assert sum(event["phases"].values()) + event["of_roots"] == event["count"], event
            assert event["phases"]["run"] > 40 and event["of_roots"] > 20, event
            """
        let json = try output("report", "--format", "json")
        #expect(try ReportChecker.problems(json, script, in: directory.path) == "")
    }

    @Test(arguments: ["nothing", ":f", "/none/such:f", "nosuchprogram:f", "/bin/true:"])
    func whatIsNoProbe(text: String) throws {
        let run = try ProgramRun(PerfPrivileges.program, "record", "-o", session, "--probe", text, "--", "/bin/true")
        #expect(run.status == 125 && run.error.contains("--probe \(text): "), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1, "\(run.error)")
    }
}
