import Glibc
import TestSupport
import Testing

/// Fresh recordings whose spawns are known, reported by the built program.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedReportTests {
    private let directory = SessionDirectory()
    private let programs = FoldDirectory()

    private func report(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun([PerfPrivileges.program, "report"] + arguments + [directory.session])
    }

    private func check(_ script: String) throws -> String {
        let run = try report("--format", "json", "--spawns")
        #expect(run.status == 0 && run.error == "", "\(run.error)")
        return try ReportChecker.problems(run.output, script, in: programs.path)
    }

    @Test func aLoopOfTwoHundred() throws {
        let loop = try Workload.build("spawn_loop", in: programs.path)
        #expect(try directory.record("--", loop, "200").status == 0)
        let script = """
            assert report["session"]["command"][1:] == ["200"] and report["session"]["lost"] == 0
            assert report["totals"]["spawns"] == report["totals"]["executed"] == report["session"]["complete_spawns"] == 200
            assert [p["path"] for p in report["programs"]] == ["/bin/true"]
            assert all(s["status"] == 0 and sum(s["phases"].values()) == s["total_ns"] for s in report["spawns"])
            assert [c["comm"] for c in report["callsites"]] == ["spawn_loop"]
            for name in ("create", "wake", "prepare", "search", "exec", "run", "reap"):
                assert report["phases"][name]["count"] == 200, name
            """
        #expect(try check(script) == "")
        let text = try report()
        #expect(text.status == 0 && text.error == "" && text.output.contains("200 of 200 spawns have all phases"))
        for weight in ["total", "overhead", "blocked", "wake"] {
            let fold = try ProgramRun(PerfPrivileges.program, "fold", "--weight", weight, directory.session)
            let sum = fold.lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
            let script = """
                expected = report["totals"].get("\(weight)_ns") or report["phases"]["\(weight)"]["sum_ns"]
                assert expected == \(sum) > 0, expected
                """
            #expect(fold.status == 0 && fold.error == "")
            #expect(try check(script) == "")
        }
    }

    /// A search that misses five directories, a shell for one program, a child that nobody reaps, and a wait that polls.
    @Test func whatIsWrongIsFound() throws {
        let script = """
            import os, subprocess, sys, time
            os.environ["PATH"] = "/none/1:/none/2:/none/3:/none/4:/none/5:/bin"
            for _ in range(80): subprocess.run(["true"])
            for _ in range(20): subprocess.run("/bin/true; :", shell=True)
            for _ in range(5):
                slow = subprocess.Popen(["/bin/sleep", "0.1"])
                while os.waitpid(slow.pid, os.WNOHANG) == (0, 0): time.sleep(0.01)
            left = os.posix_spawn("/bin/true", ["true"], {})
            while open(f"/proc/{left}/stat").read().split()[2] != "Z": time.sleep(0.001)
            """
        #expect(try directory.record("--", "/usr/bin/python3", "-c", script).status == 0)
        let checks = """
            assert report["totals"]["unreaped"] == 1, report["totals"]
            assert report["totals"]["failed_attempts"] == 400, report["totals"]
            assert sum(f["attempts"] for f in report["failures"]) == 400
            assert {f["path"] for f in report["failures"]} == {f"/none/{i}/true" for i in range(1, 6)}
            kinds = [f["kind"] for f in report["findings"]]
            for kind in ("path-search", "polling-wait", "never-reaped"):
                assert kind in kinds, (kind, report["findings"])
            savings = [f.get("saving_ns", 0) for f in report["findings"]]
            assert savings == sorted(savings, reverse=True)
            """
        #expect(try check(checks) == "")
        #expect(try report("--outcome", "unreaped", "--format", "csv").csvRows.count == 1)
        #expect(try report("--program", "sleep", "--format", "csv").csvRows.count == 5)
    }

    /// Without system calls less is known, and that is said.
    @Test func aSessionWithoutSystemCalls() throws {
        let loop = try Workload.build("spawn_loop", in: programs.path)
        #expect(try directory.record("--no-syscalls", "--", loop, "20").status == 0)
        let script = """
            assert report["totals"]["spawns"] == 20 and report["session"]["missing"]
            assert "failed_attempts" not in report["totals"] and "search" not in report["phases"]
            """
        #expect(try check(script) == "")
        #expect(try report().output.contains("not known: prepare, search, exec, failed attempts"))
    }

    /// On a terminal there are colours, unless NO_COLOR asks for none, and names cannot bring their own.
    @Test func coloursAreForTerminals() throws {
        #expect(try directory.record("--", "/bin/sh", "-c", "/bin/true '\u{1b}[31m'; :").status == 0)
        func onTerminal(_ environment: String) throws -> String {
            let command = "\(environment) \(PerfPrivileges.program) report \(directory.session)"
            return try ProgramRun(
                "/usr/bin/python3", "-c", "import pty, sys; sys.exit(pty.spawn(['sh', '-c', sys.argv[1]]))", command
            ).output
        }
        #expect(try onTerminal("NO_COLOR= TERM=xterm").contains("\u{1b}[1mCALL SITES"))
        #expect(try !onTerminal("NO_COLOR=1 TERM=xterm").contains("\u{1b}"))
        #expect(try !onTerminal("TERM=dumb").contains("\u{1b}"))
        #expect(try !onTerminal("NO_COLOR= TERM=xterm").contains("\u{1b}[31m'"))
        #expect(try !report().output.contains("\u{1b}"))
    }
}
