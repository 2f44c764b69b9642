import Glibc
import TestSupport
import Testing

/// `compare` records both sides itself.
@Suite(.enabled(if: PerfPrivileges.available), .serialized) struct PrivilegedCompareTests {
    private let directory = FoldDirectory()
    private var sessions: String { directory.path + "/sessions" }

    private func compare(_ base: String, _ head: String, _ more: String...) throws -> ProgramRun {
        try ProgramRun(
            [
                PerfPrivileges.program, "compare", "--base-command", base, "--head-command", head, "--output-dir",
                sessions,
                "--warmup", "0",
            ] + more)
    }

    @Test func everyVerdictOfRecordedRuns() throws {
        let loop = try Workload.build("spawn_loop", in: directory.path)
        let same = try compare("\(loop) 5", "\(loop)   5", "--runs", "2", "--counts-only")
        #expect(same.status == 0 && same.output.contains("same: no gate changed"))
        #expect(same.error.contains("4 sessions are in \(sessions)"))
        for name in ["base-1.data", "base-2.data", "head-1.data", "head-2.data"] {
            #expect(access("\(sessions)/\(name)", R_OK) == 0, "\(name)")
        }
        #expect(try compare("\(loop) 5", "\(loop) 5", "--runs", "1").status == 3)
        let worse = try compare("\(loop) 5", "\(loop) 6 2>/dev/null", "--runs", "1")
        #expect(worse.status == 1 && worse.output.contains("worse: spawns, execs"))
        // What was recorded is there to be asked again, in turns.
        let again = try ProgramRun(
            PerfPrivileges.program, "compare", "--base", "\(sessions)/3/base-1.data", "--head",
            "\(sessions)/3/head-1.data",
            "--counts-only")
        #expect(again.status == 1)
    }

    /// As docs/guide/compare.md has it: each side has its own command, the other way round, too. Of other comparisons, and of sessions that were
    /// recorded alone, other commands are a doubt; and a later comparison in the same directory is in one of its own.
    @Test func sidesCanBeComparedAgain() throws {
        let first = try compare("/bin/sh -c '/bin/true; :'", "/bin/sh -c '/bin/true; /bin/true; :'", "--runs", "6")
        #expect(first.status == 1, "\(first.error)")
        let again = try directory.shell(
            "${fold% fold} compare --base sessions/base-*.data --head sessions/head-*.data --counts-only")
        #expect(again.status == 1 && again.output.contains("worse: spawns, execs"), "\(again.output)\(again.error)")
        #expect(!again.output.contains("different commands"), "\(again.output)")
        let swapped = try directory.shell(
            "${fold% fold} compare --base sessions/head-*.data --head sessions/base-*.data --counts-only")
        #expect(swapped.status == 0 && swapped.output.contains("better: spawns, execs"), "\(swapped.output)")
        #expect(try compare("/bin/sh -c '/bin/true; :'", "/bin/true", "--runs", "1", "--counts-only").status == 0)
        let files = try directory.shell("ls sessions/*.data | wc -l; ls sessions/2/*.data | wc -l")
        #expect(files.lines == ["12", "2"], "\(files.output)")
        for other in ["sessions/2/head-1.data", "alone.data"] {
            let mixed = try directory.shell(
                """
                ${fold% fold} record -q -o alone.data -- /bin/true
                ${fold% fold} compare --base sessions/base-1.data --head \(other) --counts-only
                """)
            #expect(mixed.status == 3 && mixed.output.contains("different commands"), "\(mixed.output)")
        }
    }

    /// Of 24 runs or more one look after half of them may be enough.
    @Test func whatIsSureAfterHalfOfTheRunsEnds() throws {
        let run = try compare("/bin/sh -c 'sleep 0.01; :'", "/bin/sh -c '/bin/true; sleep 0.01; :'", "--runs", "24")
        #expect(run.status == 1 && run.error.contains("decided after 12 of 24 pairs"))
    }

    /// Times that differ by far more than a busy machine's do; the sessions the other way round are the opposite.
    @Test func timesDecide() throws {
        let gate = ["--gate", "none", "--gate", "duration"]
        let better = try compare("sleep 0.2", "sleep 0.01", "--runs", "6", gate[0], gate[1], gate[2], gate[3])
        #expect(better.status == 0 && better.output.contains("better: duration"))
        #expect(better.output.contains("recorded in turns"))
        let names = (1...6).map { "-\($0).data" }
        let worse = try ProgramRun(
            [PerfPrivileges.program, "compare"] + gate
                + ["--base"] + names.map { "\(sessions)/head\($0)" } + ["--head"]
                + names.map { "\(sessions)/base\($0)" })
        #expect(worse.status == 1 && worse.output.contains("worse: duration"))
    }

    @Test func aCommandWithoutSpawns() throws {
        let run = try compare("/bin/true", "/bin/true", "--runs", "1", "--counts-only")
        #expect(run.status == 0 && run.error.contains("has no spawns"))
        let times = try compare("/bin/true", "/bin/true", "--runs", "1", "--gate", "none", "--gate", "overhead")
        #expect(times.status == 3 && times.output.contains("not known on both sides"))
    }

    @Test func commandsThatCannotBeRecorded() throws {
        let absent = try compare("/bin/true", "/nonexistent/program", "--runs", "1")
        #expect(absent.status == 64 && absent.error.contains("/nonexistent/program: command not found"))
        let failed = try compare("/bin/false", "/bin/false", "--runs", "1", "--counts-only")
        #expect(failed.status == 3 && failed.output.contains("the command exited with 1"))
        let ignored = try compare("/bin/false", "/bin/false", "--runs", "1", "--counts-only", "--ignore-failure")
        #expect(ignored.status == 0)
    }

    /// A signal ends the run that is under way, its command included, and what is complete is compared.
    @Test func anInterruptEndsItAll() throws {
        let script = """
            "$1" compare --base-command 'sleep 0.05' --head-command 'sleep 61.7' --output-dir "$2" --warmup 0 &
            for n in $(seq 200); do pgrep -f '^sleep 61[.]7' >/dev/null && break; sleep 0.05; done
            kill -TERM $!
            wait $!; echo "status $?"
            pgrep -f '^sleep 61[.]7' || echo gone
            """
        // Not SIGINT, which a shell's background job ignores.
        let run = try ProgramRun("bash", "-c", script, "bash", PerfPrivileges.program, sessions)
        #expect(run.output.contains("status 143") && run.output.contains("gone"))
        #expect(run.error.contains("ended after 0 of 10 pairs"))
    }
}
