import Glibc
import TestSupport
import Testing

/// Programs whose spawns are known, recorded and folded by the built program: every count is the program's own.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedSpawnCountTests {
    private let directory = SessionDirectory()
    private let programs = FoldDirectory()

    /// A program of Tests/Workloads, built for this test.
    private func workload(_ name: String) throws -> String { try Workload.build(name, in: programs.path) }

    /// Records a command; the summary's counts must be these.
    private func record(_ command: [String], status: Int32 = 0, _ summary: String) throws -> ProgramRun {
        let run = try ProgramRun([PerfPrivileges.program, "record", "-o", directory.session, "--"] + command)
        #expect(run.status == status)
        #expect(run.error.contains(summary), "\(run.error)")
        #expect(run.error.contains("spawnscope: 0 lost of "), "\(run.error)")
        return run
    }

    private func fold(_ options: String...) throws -> [String] {
        let run = try ProgramRun([PerfPrivileges.program, "fold"] + options + [directory.session])
        #expect(run.status == 0 && run.error == "", "\(run.error)")
        return run.lines.map(String.init)
    }

    @Test func aLoopOfTwoHundred() throws {
        let run = try record(
            [try workload("spawn_loop"), "200"], "200 executed, 0 forked, 0 failed; 200 execs, 0 failed attempts")
        #expect(run.output == "spawned 200\n" && run.error.contains("spawnscope: 200 spawns in "))
        #expect(try fold("--frames", "program") == ["/bin/true 200"])
        #expect(try fold("--frames", "ancestry,program") == ["spawn_loop;/bin/true 200"])
        let lines = try fold()
        #expect(lines.allSatisfy { $0.hasPrefix("spawn_loop;") && $0.contains(";/bin/true ") })
        #expect(lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +) == 200)
        // The session says how many creations it has to any reader.
        #expect(try fold("--event", "spawnscope:spawn", "--weight", "samples", "--names", "perf").count >= 1)
    }

    @Test(arguments: ["fork", "vfork", "clone3"])
    func everyWayOfCreating(method: String) throws {
        let run = try record(
            [try workload("spawn_loop"), "-m", method, "20"], "20 executed, 0 forked, 0 failed; 20 execs")
        #expect(run.output == "spawned 20\n")
        #expect(try fold("--frames", "program") == ["/bin/true 20"])
    }

    /// A spawn is known by its first exec, the shell's; what the shell turns into is one more exec.
    @Test(arguments: ["system", "popen"])
    func shellsThatAreReplaced(method: String) throws {
        _ = try record([try workload("spawn_loop"), "-m", method, "10"], "10 executed, 0 forked, 0 failed; 20 execs")
        #expect(try fold("--frames", "program") == ["/bin/sh;/bin/true 10"])
    }

    @Test func aScriptsLoop() throws {
        let run = try record(
            ["dash", try workload("spawn_loop.sh"), "50"], "50 executed, 0 forked, 0 failed; 50 execs")
        #expect(run.output == "spawned 50\n")
        #expect(try fold("--frames", "ancestry,program") == ["dash;/bin/true 50"])
    }

    /// Two workers that are forked and never exec, and their spawns.
    @Test func workersAndTheirSpawns() throws {
        let run = try record([try workload("two_loops"), "100"], "200 executed, 2 forked, 0 failed; 200 execs")
        #expect(run.output == "spawned 202\n" && run.error.contains("spawnscope: 202 spawns in "))
        #expect(
            try fold("--frames", "ancestry,program")
                == ["two_loops;[forked] 2", "two_loops;two_loops;/bin/true 200"])
    }

    @Test func aProgramThatIsNotThere() throws {
        _ = try record(
            [try workload("spawn_loop"), "1", "/nonexistent/tool"], status: 1,
            "0 executed, 0 forked, 1 failed; 0 execs, 1 failed attempt")
        #expect(try fold("--frames", "program") == ["[failed] 1"])
    }

    /// execvp(3) tries each directory; the root's own search for the command counts nowhere.
    @Test func aSearchAlongThePath() throws {
        let path = "PATH=/nonexistent/a:/nonexistent/b:/nonexistent/c:/bin"
        _ = try record(
            ["/bin/sh", "-c", "/usr/bin/env \(path) true; /usr/bin/env \(path) nosuchprogram; :"],
            "2 executed, 0 forked, 0 failed; 3 execs, 7 failed attempts")
        #expect(try fold("--frames", "program") == ["/usr/bin/env 1", "/usr/bin/env;/bin/true 1"])
    }

    @Test func subshells() throws {
        _ = try record(
            ["dash", "-c", "(:); (:) & wait; x=$(:); :"], "0 executed, 3 forked, 0 failed; 0 execs, 0 failed attempts")
        #expect(try fold("--frames", "ancestry,program") == ["dash;[forked] 3"])
    }

    @Test func aChainOfThree() throws {
        _ = try record(
            ["/bin/sh", "-c", "/bin/sh -c '/bin/true; :'; :"], "2 executed, 0 forked, 0 failed; 2 execs")
        #expect(try fold("--frames", "ancestry,program") == ["sh;/bin/sh 1", "sh;sh;/bin/true 1"])
        #expect(try fold("--frames", "program,ancestry") == ["/bin/sh;sh 1", "/bin/true;sh;sh 1"])
    }

    /// What outlives the command is unfinished, and a spawn all the same.
    @Test func oneThatStaysBehind() throws {
        let run = try record(
            [
                "/bin/sh", "-c",
                "/bin/sleep 5 </dev/null >/dev/null 2>&1 & echo $!; while ! grep -q sleep /proc/$!/comm; do :; done",
            ],
            "spawns in ")
        #expect(run.error.contains("spawnscope: 1 of the spawns outlived the command: "), "\(run.error)")
        if let pid = run.lines.first.flatMap({ pid_t($0) }) { kill(pid, SIGKILL) }
        #expect(try fold("--frames", "program").contains("/bin/sleep 1"))
    }

    /// Samples stand under the program that they ran for.
    @Test func samplesByProgram() throws {
        let busy = try workload("busy")
        let run = try ProgramRun(
            PerfPrivileges.program, "record", "--sample", "997", "-o", directory.session, "--", "/bin/sh", "-c",
            "\(busy) 100; :")
        #expect(run.status == 0)
        let stacks = try fold("--weight", "samples", "--frames", "program,user")
        let counts = stacks.filter { $0.hasPrefix("\(busy);") && $0.contains(";hot ") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        #expect(counts.reduce(0, +) >= 5, "\(stacks)")
    }
}
