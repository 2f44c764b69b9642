import Foundation
import TestSupport
import Testing

/// The recorder traced, which needs no rights: what it tells is what the joined recorder tells, and what is recorded does not
/// notice it.
@Suite(.serialized)
struct TracedTests {
    private let directory = SessionDirectory()
    private let programs = FoldDirectory()

    private func record(_ words: [String]) throws -> ProgramRun {
        try ProgramRun(
            [PerfPrivileges.program, "record", "--recorder", "traced", "-o", directory.session, "--"] + words)
    }

    private func check(_ script: String, _ options: String...) throws -> String {
        let report = try ProgramRun(
            [PerfPrivileges.program, "report", "--format", "json", "--spawns"] + options + [directory.session])
        #expect(report.status == 0, "\(report.error)")
        return try ReportChecker.problems(report.output, script, in: programs.path)
    }

    @Test func aSpawnOfAShell() throws {
        let run = try record(["sh", "-c", "/bin/true; /nonexistent/program; (exit 3); exit 5"])
        #expect(run.status == 5, "\(run.error)")
        for words in ["3 spawns", "not known: ", "0 lost of "] { #expect(run.error.contains(words), "\(run.error)") }
        let problems = try check(
            """
            assert report["session"]["recorder"] == "traced", report["session"]
            rows = {spawn.get("status"): spawn for spawn in report["spawns"]}
            assert rows[0]["path"] == "/bin/true" and rows[0]["outcome"] == "executed", rows
            assert [list(rows[status]["phases"]) for status in (0, 3, 127)] == [["run"]] * 3, rows
            totals = report["totals"]
            assert [totals[fact] for fact in ("spawns", "executed", "failed", "forked", "unreaped")] == [3, 1, 1, 1, 0], totals
            failure = report["failures"][0]
            assert [failure[key] for key in ("path", "errno", "attempts")] == ["/nonexistent/program", "ENOENT", 1], failure
            assert totals["at_least"]["failed_attempts"] == 1, totals
            for fact in ("failed_attempts", "failed_creations", "blocked_ns"): assert totals.get(fact) is None, (fact, totals)
            """)
        #expect(problems == "")
    }

    @Test func callSitesAreWhole() throws {
        let built = try Workload.build("spawn_loop", .bare, in: programs.path)
        #expect(try record([built, "50"]).status == 0)
        let fold = try ProgramRun(PerfPrivileges.program, "fold", directory.session)
        #expect(fold.status == 0 && !fold.output.contains("[truncated]"), "\(fold.error)")
        #expect(fold.output.hasSuffix(";/bin/true 50\n") && fold.output.contains(";main;"), "\(fold.output)")
    }

    /// The command ends as it would have: by its status, or by a signal that it sends itself or gets.
    @Test(arguments: [
        ("exit 7", Int32(7)), ("kill -TERM $$", 143), ("kill -KILL $$", 137), ("/bin/true & wait; exit 2", 2),
    ])
    func endsAsItWould(script: String, status: Int32) throws {
        let run = try record(["sh", "-c", script])
        #expect(run.status == status, "\(run.error)")
    }

    /// A stop by a signal lasts until it is told to go on, which nothing of ours does.
    @Test func stopsAreStops() throws {
        let run = try record([
            "sh", "-c",
            """
            sh -c 'kill -STOP $$; exit 4' & child=$!
            for i in $(seq 100); do
                state=$(sed 's/.*) //' /proc/$child/stat | cut -c1)
                [ "$state" = T ] || [ "$state" = t ] && break; sleep 0.02
            done
            sleep 0.2; kill -0 $child || exit 1
            kill -CONT $child; wait $child
            """,
        ])
        #expect(run.status == 4, "\(run.error)")
    }

    /// Hundreds of ways of creating, executing, ending and waiting, and what both recorders can tell of them.
    @Test(
        .enabled(if: PerfPrivileges.available, "the joined recorder cannot be used here"),
        arguments: ["creations", "executions", "endings", "waits"])
    func tellsWhatJoinedTells(program: String) throws {
        let built = try Workload.build(program, in: programs.path)
        // Two processes race in some of them.
        for attempt in 1...4 {
            let told = try ["joined", "traced"].map { try facts(of: built, $0) }
            #expect(told[0].split(separator: "\n").count > 20)
            if told[0] == told[1] { return }
            if attempt == 4 { #expect(told[0] == told[1]) }
        }
    }

    private func facts(of program: String, _ recorder: String) throws -> String {
        let run = try ProgramRun(
            PerfPrivileges.program, "record", "--recorder", recorder, "-o", directory.session, "--",
            Workload.root + "/Tests/Workloads/every_mode.sh", program)
        #expect(run.status == 0 && run.error.contains("spawnscope: 0 lost of "), "\(run.error)")
        let report = try ProgramRun(
            PerfPrivileges.program, "report", "--format", "json", "--spawns", directory.session)
        try Compiler.write(Array(report.output.utf8), to: programs.path + "/report.json")
        let told = try ProgramRun("python3", "-c", Self.facts, programs.path + "/report.json")
        #expect(told.status == 0, "\(told.error)")
        return told.output
    }

    /// Each spawn in a line, without pids and times.
    private static let facts = """
        import json, sys
        keys = ["outcome", "method", "path", "unreaped", "orphaned", "unfinished", "execs", "argument_bytes", "status", "signal"]
        def line(spawn):
            files = [program.get("file") for program in spawn.get("programs", [])]
            # Attempts after the first exec are not known to one of them.
            attempts = None if spawn["outcome"] == "executed" else spawn["failed_attempts"]
            return json.dumps([[spawn.get(key) for key in keys], attempts, files])
        print(*sorted(map(line, json.load(open(sys.argv[1]))["spawns"])), sep="\\n")
        """

    /// What is followed goes on as it would have, when the recorder's time is over and when it is killed.
    @Test(arguments: ["--duration 300ms", "kill"]) func goesOnAlone(way: String) throws {
        let run = try ProgramRun(
            "sh", "-c",
            """
            loop='i=0; while [ $i -lt 25 ]; do /bin/true; sleep 0.04; i=$((i+1)); done; echo done >"$0"'
            if [ "$3" = kill ]; then
                "$1" record -q --recorder traced -o "$2/s.data" -- sh -c "$loop" "$2/end" & recorder=$!
                sleep 0.6; kill -KILL $recorder; wait $recorder
                for i in $(seq 100); do [ -s "$2/end" ] && break; sleep 0.05; done
            else
                "$1" record -q --recorder traced $3 -o "$2/s.data" -- sh -c "$loop" "$2/end" || exit 1
            fi
            cat "$2/end"; "$1" report --format json "$2/s.data"
            """, "sh", PerfPrivileges.program, programs.path, way)
        #expect(run.status == 0 && run.output.hasPrefix("done\n"), "\(run.error)")
        let problems = try ReportChecker.problems(
            String(run.output.dropFirst(5)), #"assert 2 <= report["totals"]["executed"] <= 50, report["totals"]"#,
            in: programs.path)
        #expect(problems == "")
    }

    /// A static program has no libc to stop in: its children stop at their system calls until they execute.
    @Test(.enabled(if: PerfPrivileges.available, "the joined recorder cannot be used here"))
    func staticProgramsTellTheSame() throws {
        let built = try Workload.build("executions", .bareStatic, in: programs.path)
        let told = try ["joined", "traced"].map { try facts(of: built, $0) }
        #expect(told[0].split(separator: "\n").count > 20)
        #expect(told[0] == told[1])
    }

    /// A worker of a static program that never executes goes on at its own speed, and is said not to be known.
    @Test func workersOfStaticProgramsAreLetGo() throws {
        let source = programs.path + "/worker.c"
        try Compiler.write(
            Array(
                """
                #include <sys/syscall.h>
                #include <sys/wait.h>
                #include <unistd.h>
                int main(void) {
                    for (int calls = 10; calls <= 100000; calls *= 10000) {
                        pid_t child = fork();
                        if (child == 0) {
                            for (int number = 0; number < calls; number++) syscall(SYS_getppid);
                            _exit(3);
                        }
                        waitpid(child, 0, 0);
                    }
                    return 0;
                }
                """.utf8), to: source)
        try Compiler.run(["gcc", "-static", "-O1", "-o", programs.path + "/worker", source])
        #expect(try record([programs.path + "/worker"]).status == 0)
        let problems = try check(
            """
            first, second = report["spawns"]
            assert first["outcome"] == "forked" and first["failed_attempts"] == 0, first
            assert "outcome" not in second and "failed_attempts" not in second and second["status"] == 3, second
            totals = report["totals"]
            assert totals["spawns"] == 2 and "forked" not in totals and totals["at_least"]["forked"] == 1, totals
            """)
        #expect(problems == "")
    }

    /// Root pretends to be nobody, for whom the kernel's events are not: recorded all the same, with a line that says how.
    @Test(.enabled(if: PerfPrivileges.available, "only root can become another user")) func inPlaceOfEvents() throws {
        func run(_ options: String...) throws -> ProgramRun {
            try ProgramRun(
                [
                    "sh", "-c",
                    """
                    [ -e "$2/spawnscope" ] || cp "$1" "$2/spawnscope"; chmod 755 "$2" && mkdir -p "$2/own" && chown nobody "$2/own" && cd "$2/own" || exit
                    shift 2
                    exec setpriv --reuid nobody --regid nogroup --clear-groups ../spawnscope record "$@"
                    """, "sh", PerfPrivileges.program, programs.path,
                ] + options)
        }
        let recorded = try run("--", "sh", "-c", "/bin/true; exit 4")
        #expect(recorded.status == 4 && recorded.error.contains("1 spawn in "), "\(recorded.error)")
        #expect(recorded.error.contains("recorded by ptrace") && recorded.error.contains("run it by sudo"))
        let stacks = try run("--require", "stacks", "--", "/bin/true")
        #expect(stacks.status == 0, "\(stacks.error)")
        for words in [["--require", "phases"], ["-a"], ["--recorder", "events"], ["--recorder", "joined"]] {
            let refused = try run(words[0], words.dropFirst().first ?? "-q", "--", "echo", "ran")
            #expect(refused.status == 125 && refused.output == "", "\(words): \(refused.error)")
            #expect(refused.error.contains("run it by sudo"), "\(words): \(refused.error)")
        }
    }

    @Test(arguments: [
        (["--require", "everything", "--", "true"], "give counts, stacks or phases"),
        (["--require", "phases", "--no-syscalls", "--", "true"], "--no-syscalls leaves out"),
        (["--require", "stacks", "--stack-size", "0", "--", "true"], "--stack-size 0 leaves out"),
        (["--require", "phases", "--recorder", "traced", "--", "true"], "tells no phases"),
    ])
    func whatCannotBeRequired(words: [String], reason: String) throws {
        let run = try ProgramRun([PerfPrivileges.program, "record", "-o", directory.session] + words)
        #expect(run.status == 125 && run.error.contains(reason), "\(run.error)")
    }

    private func build(_ name: String, _ source: String) throws -> String {
        try Compiler.write(Array(source.utf8), to: "\(programs.path)/\(name).c")
        try Compiler.run(["gcc", "-O1", "-pthread", "-o", "\(programs.path)/\(name)", "\(programs.path)/\(name).c"])
        return "\(programs.path)/\(name)"
    }

    /// A process that the recorder had stop where an exec fails does not stop there when nobody follows it any more: it would
    /// be killed.
    @Test func attemptsAfterTheRecording() throws {
        let built = try build(
            "later",
            """
            #include <stdio.h>
            #include <sys/wait.h>
            #include <unistd.h>
            int main(void) {
                if (fork() == 0) {
                    usleep(900000);
                    execl("/nonexistent", "x", (char *)0);
                    _exit(7);
                }
                int status;
                wait(&status);
                printf("%x\\n", status);
                return 0;
            }
            """)
        let run = try ProgramRun(
            PerfPrivileges.program, "record", "-q", "--recorder", "traced", "--duration", "200ms", "-o",
            directory.session, "--", built)
        #expect(run.status == 0 && run.output == "700\n", "\(run.error)")
    }

    /// A process ends while its other threads create threads: these are no spawns, and nothing waits for them.
    @Test func threadsWhoseCreatorEnds() throws {
        let built = try build(
            "threads",
            """
            #include <pthread.h>
            #include <sys/wait.h>
            #include <unistd.h>
            static void *idle(void *nothing) { return pause(), nothing; }
            static void *create(void *nothing) {
                for (pthread_t thread; pthread_create(&thread, 0, idle, 0) == 0;) continue;
                return nothing;
            }
            int main(void) {
                for (int number = 0; number < 12; number++) {
                    if (fork() == 0) {
                        pthread_t thread;
                        pthread_create(&thread, 0, create, 0);
                        usleep(2000 + 300 * number);
                        _exit(5);
                    }
                    wait(0);
                }
                return 0;
            }
            """)
        #expect(try record([built]).status == 0)
        let problems = try check(
            """
            assert report["totals"]["spawns"] == 12, report["totals"]
            assert all(spawn["status"] == 5 and spawn["pid"] > 0 for spawn in report["spawns"]), report["spawns"]
            """)
        #expect(problems == "")
    }

    /// A worker that makes calls by number is not slowed down for long, and its pid namespace's numbers are not ours.
    @Test func workersAndNamespaces() throws {
        let built = try build(
            "worker",
            """
            #include <sys/syscall.h>
            #include <sys/wait.h>
            #include <unistd.h>
            int main(void) {
                if (fork() == 0) {
                    for (int number = 0; number < 2000000; number++) syscall(SYS_getppid);
                    _exit(3);
                }
                return wait(0) < 0;
            }
            """)
        #expect(try record([built]).status == 0)
        #expect(
            try check(
                #"assert [s["status"] for s in report["spawns"]] == [3] and "outcome" not in report["spawns"][0]"#)
                == "")
        guard PerfPrivileges.available else { return }
        let script = "sleep 5 & child=$!; sleep .1; kill -TERM $child; wait"
        _ = try record(["unshare", "-pf", "sh", "-c", script])
        let problems = try check(
            """
            ended = [spawn for spawn in report["spawns"] if spawn.get("signal") == 15]
            assert len(ended) == 1 and "signal_from" not in ended[0] and "signal_from_pid" not in ended[0], ended
            """)
        #expect(problems == "")
    }

    /// Nobody has rights, and no file of root's is needed: the same counts.
    @Test(.enabled(if: PerfPrivileges.available, "only root can become another user")) func withoutRights() throws {
        let run = try ProgramRun(
            "sh", "-c",
            """
            cp "$1" "$2/spawnscope" && chmod 755 "$2" && mkdir "$2/own" && chown nobody "$2/own" && cd "$2/own" || exit
            setpriv --reuid nobody --regid nogroup --clear-groups --no-new-privs \\
                ../spawnscope record --recorder traced -- sh -c '/bin/true; /bin/true; (exit 2); exit 6'
            status=$?
            setpriv --reuid nobody --regid nogroup --clear-groups ../spawnscope fold || status=1
            cd ..; rm -r spawnscope own; exit $status
            """, "sh", PerfPrivileges.program, programs.path)
        #expect(run.status == 6, "\(run.error)")
        #expect(run.error.contains("3 spawns"), "\(run.error)")
        #expect(run.output.contains("/bin/true 2\n") && !run.output.contains("[truncated]"), "\(run.output)")
    }

    @Test(arguments: [
        (["-p", "1"], "follows a command alone"),
        (["-e", "sched:sched_switch", "--", "true"], "no events besides its own"),
    ])
    func whatItCannot(words: [String], reason: String) throws {
        let run = try ProgramRun(
            [PerfPrivileges.program, "record", "--recorder", "traced", "-o", directory.session] + words)
        #expect(run.status == 125 && run.error.contains(reason), "\(run.error)")
    }
}
