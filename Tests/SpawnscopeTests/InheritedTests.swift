import TestSupport
import Testing

/// The recorder inherited: events of the command alone, without rights where perf_event_paranoid is 2 or less.
@Suite(.serialized, .enabled(if: PerfPrivileges.available, "perf events cannot be opened here"))
struct InheritedTests {
    private let directory = SessionDirectory()
    private let programs = FoldDirectory()

    private func report(_ session: String) throws -> String {
        let report = try ProgramRun(
            PerfPrivileges.program, "report", "--format", "json", "--spawns", session)
        #expect(report.status == 0, "\(report.error)")
        return report.output
    }

    @Test func spawnsProgramsAndLifetimes() throws {
        let run = try ProgramRun(
            PerfPrivileges.program, "record", "--recorder", "inherited", "-o", directory.session, "--", "sh", "-c",
            "/bin/true; (exit 3); (sleep 0.05; exit 4); env /bin/echo one; exit 5")
        #expect(run.status == 5 && run.error.contains(" lost"), "\(run.error)")
        #expect(run.error.contains("2 forked or failed; 4 execs, failed attempts not known"), "\(run.error)")
        let problems = try ReportChecker.problems(
            try report(directory.session),
            """
            assert report["session"]["recorder"] == "inherited", report["session"]
            totals = report["totals"]
            assert totals["spawns"] == 5 and totals["execs"] == 4 and totals["executed"] == 3, totals
            for fact in ("failed_attempts", "failed_creations", "unreaped", "blocked_ns"): assert fact not in totals, totals
            programs = sorted(spawn["path"] for spawn in report["spawns"] if spawn.get("path"))
            assert programs == ["/usr/bin/env", "/usr/bin/sleep", "/usr/bin/true"], programs
            for fact in ("forked", "failed"): assert fact not in totals, totals
            unknown = {row["fact"]: (row["reason"], row["processes"]) for row in report["session"]["unknown"]}
            assert unknown["forked"] == ("not_recorded", 2) and unknown["failed_attempts"] == ("not_recorded", 6), unknown
            for spawn in report["spawns"]:
                assert spawn.get("outcome") == ("executed" if spawn["execs"] else None), spawn
                assert "failed_attempts" not in spawn and "blocked_ns" not in spawn, spawn
            assert all("status" not in spawn for spawn in report["spawns"]), report["spawns"]
            """, in: programs.path)
        #expect(problems == "")
    }

    /// A build, recorded by what needs no rights and by what knows all: the same spawns, execs and programs.
    @Test func countsAsJoinedDoes() throws {
        var facts: [String] = []
        for recorder in ["joined", "inherited"] {
            let run = try ProgramRun(
                PerfPrivileges.program, "record", "--recorder", recorder, "-o", directory.session, "--", "make", "-s",
                "-j2", "-f", Workload.root + "/Tests/Workloads/lifecycles.mk")
            #expect(run.status == 0, "\(run.error)")
            try Compiler.write(Array(try report(directory.session).utf8), to: programs.path + "/report.json")
            let told = try ProgramRun(
                "python3", "-c",
                """
                import json, sys
                report = json.load(open(sys.argv[1]))
                rows = [(s.get("execs"), [p.get("file") for p in s.get("programs", [])]) for s in report["spawns"]]
                print(report["totals"]["spawns"], report["totals"]["execs"], *sorted(map(str, rows)), sep="\\n")
                """, programs.path + "/report.json")
            #expect(told.status == 0, "\(told.error)")
            facts.append(told.output)
        }
        #expect(facts[0].split(separator: "\n").count > 20)
        #expect(facts[0] == facts[1])
    }

    @Test(arguments: [
        (["-p", "1"], "follows a command alone"), (["--require", "stacks", "--", "true"], "tells no stacks"),
        (["-e", "sched:sched_switch", "--", "true"], "no events besides its own"),
    ])
    func whatItCannot(words: [String], reason: String) throws {
        let run = try ProgramRun(
            [PerfPrivileges.program, "record", "--recorder", "inherited", "-o", directory.session] + words)
        #expect(run.status == 125 && run.error.contains(reason), "\(run.error)")
    }

    /// What a setuid program does is not known, nor when it ended.
    @Test func programsOfOtherRights() throws {
        let run = try ProgramRun(
            "sh", "-c",
            """
            cp "$1" "$2/spawnscope" && chmod 755 "$2" && mkdir -p "$2/own" && chown nobody "$2/own" && cd "$2/own" || exit
            printf '#include <unistd.h>\\nint main(void) { return access("/", R_OK); }' >other.c
            cc -o other other.c && cp other unreadable && chown root other unreadable && chmod 4755 other && chmod 711 unreadable
            old=$(cat /proc/sys/kernel/perf_event_paranoid)
            [ "$old" -le 2 ] || echo 2 >/proc/sys/kernel/perf_event_paranoid
            setpriv --reuid nobody --regid nogroup --clear-groups "$2/spawnscope" record --recorder inherited -o session -- \\
                sh -c './other; ./unreadable; /bin/true; exit 6'
            status=$?; echo "$old" >/proc/sys/kernel/perf_event_paranoid; exit $status
            """, "sh", PerfPrivileges.program, programs.path)
        #expect(run.status == 6 && run.error.contains("3 spawns in "), "\(run.error)")
        #expect(run.error.contains("what they did and started after an exec (2 processes executed"), "\(run.error)")
        #expect(!run.error.contains("outlived") && !run.error.contains("still ran"), "\(run.error)")
        let problems = try ReportChecker.problems(
            try report(programs.path + "/own/session"),
            """
            known = [spawn["path"] for spawn in report["spawns"]]
            assert sorted(known) == ["/usr/bin/true", "other", "unreadable"], known
            assert not any("unfinished" in spawn or "orphaned" in spawn for spawn in report["spawns"]), report["spawns"]
            assert {"fact": "after_exec", "reason": "changed_rights", "processes": 2} in report["session"]["unknown"]
            """, in: programs.path)
        #expect(problems == "")
    }

    /// A Python program that has the kernel refuse system calls by their numbers (EPERM), and executes its arguments.
    private func refusing(_ calls: Int...) -> String {
        let steps = calls.enumerated().map {
            "(0x15, \(calls.count - 1 - $0), \($0 == calls.count - 1 ? 1 : 0), \($1))"
        }
        return """
            import ctypes, os, struct, sys
            code = [(0x20, 0, 0, 0), \(steps.joined(separator: ", ")), (6, 0, 0, 0x50001), (6, 0, 0, 0x7fff0000)]
            program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in code))
            header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(program)))
            libc = ctypes.CDLL(None)
            assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, header) == 0
            os.execv(sys.argv[1], sys.argv[1:])
            """
    }

    private static let ptrace = 101
    private static let perfEventOpen = 298

    /// Where ptrace is refused, too, as in some sandboxes.
    @Test func withoutPtrace() throws {
        let run = try ProgramRun(
            "sh", "-c",
            """
            [ -e "$2/spawnscope" ] || cp "$1" "$2/spawnscope"; chmod 755 "$2" && mkdir -p "$2/own" && chown nobody "$2/own" && cd "$2/own" || exit
            old=$(cat /proc/sys/kernel/perf_event_paranoid)
            [ "$old" -le 2 ] || echo 2 >/proc/sys/kernel/perf_event_paranoid
            setpriv --reuid nobody --regid nogroup --clear-groups /usr/bin/python3 -c "$3" "$2/spawnscope" record -- \\
                sh -c '/bin/true; /bin/true; exit 6'
            status=$?; echo "$old" >/proc/sys/kernel/perf_event_paranoid; exit $status
            """, "sh", PerfPrivileges.program, programs.path, refusing(Self.ptrace))
        #expect(run.status == 6 && run.error.contains("2 spawns in "), "\(run.error)")
        #expect(run.error.contains("recorded by events of the command alone"), "\(run.error)")
    }

    /// Where nothing is allowed, both refusals are told, and what to do.
    @Test func withoutAnything() throws {
        let run = try ProgramRun(
            "sh", "-c",
            """
            cp "$1" "$2/spawnscope" && chmod 755 "$2" && mkdir -p "$2/own" && chown nobody "$2/own" && cd "$2/own" || exit
            setpriv --reuid nobody --regid nogroup --clear-groups /usr/bin/python3 -c "$3" "$2/spawnscope" record -- true
            """, "sh", PerfPrivileges.program, programs.path, refusing(Self.ptrace, Self.perfEventOpen))
        #expect(run.status == 125 && run.error.contains("nor by ptrace: ptrace(2) is not allowed here"), "\(run.error)")
        #expect(run.error.contains("run it by sudo"), "\(run.error)")
    }
}
