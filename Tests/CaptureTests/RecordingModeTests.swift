import Capture
import Glibc
import PerfData
import Session
import TestSupport
import Testing

/// Recordings of what runs already, and how each kind of recording ends. One at a time: each sees the whole machine.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct RecordingModeTests {
    private let directory = SessionDirectory()

    /// Runs `script` with `$S` the recorder's command line up to the session.
    /// `live PID` waits until that recorder has every event live and waits itself, in epoll_wait(2) or epoll_pwait(2): how
    /// long it takes to get there is the machine's affair.
    private static let live =
        "live() { n=0; until grep -qE '^(232|281) ' /proc/$1/syscall || [ $n -gt 1500 ]; do n=$((n+1)); sleep 0.02; done; }; "

    private func shell(_ script: String) throws -> ProgramRun {
        try ProgramRun(
            "sh", "-c", "S=\"$1 record -o $2\"; " + Self.live + script, "x", PerfPrivileges.program, directory.session)
    }

    private func metadata() throws -> SessionMetadata {
        let json = try #require(try PerfDataFile(path: directory.session).description.privateFeatures[Feature.session])
        let problems = try JSONSchema.problems(
            String(decoding: json, as: UTF8.self), schema: "Session/session", in: directory.path)
        #expect(problems.isEmpty, "\(problems)")
        return try SessionMetadata(json: json)
    }

    /// perf reads it without a word.
    private func expectPerfReads() throws {
        for arguments in [["script"], ["report", "--stdio"]] {
            let perf = try ProgramRun(["perf"] + arguments + ["-i", directory.session])
            #expect(perf.status == 0 && perf.error == "", "perf \(arguments)")
        }
    }

    private func fold() throws -> [String] {
        try ProgramRun(PerfPrivileges.program, "fold", directory.session).lines.map(String.init)
    }

    // MARK: - What runs already

    @Test func runningProcessesAndTheirDescendants() throws {
        // The recorder is told of the outer shell alone; the inner one was its child before.
        let run = try shell(
            """
            mkfifo "$2.fifo"; sh -c '(read x; for i in 1 2 3; do /bin/true; done; sleep 0.2; :); :' <"$2.fifo" & p=$!
            exec 3>"$2.fifo"; sleep 0.1; $S -p $p & r=$!; live $r; echo >&3; wait $r; s=$?; echo $p; rm "$2.fifo"; exit $s
            """)
        #expect(run.status == 0)
        #expect(run.error.contains("4 spawns in") && run.error.contains("4 executed"))
        let metadata = try metadata()
        let pid = try #require(run.lines.last.flatMap { Int32($0) })
        #expect(metadata.target?.word == .processes && metadata.rootPID == nil && metadata.end?.reason == "last-ended")
        #expect(metadata.roots?.contains(pid) == true && metadata.roots?.count == 2)
        // libc was mapped before the recording began.
        let stacks = try fold()
        #expect(stacks.count == 2 && stacks.allSatisfy { $0.hasPrefix("sh;") && $0.contains("fork;") }, "\(stacks)")
        #expect(stacks.contains { $0.hasSuffix(";/bin/true 3") })
        try expectPerfReads()
    }

    @Test func theLastDescendantEndsIt() throws {
        let run = try shell(
            """
            mkfifo "$2.fifo"; sh -c 'read x; (sleep 0.2; setsid sh -c "sleep 0.3; /bin/true; :") & exit' <"$2.fifo" & p=$!
            exec 3>"$2.fifo"; $S -p $p & r=$!; live $r; echo >&3; wait $r; s=$?; rm "$2.fifo"; exit $s
            """)
        #expect(run.status == 0)
        #expect(run.error.contains("4 spawns in") && !run.error.contains("still ran"), "\(run.error)")
    }

    /// A shell that records itself has the recorder among its descendants.
    @Test func theRecorderIsNoRoot() throws {
        let run = try shell("$S -p $$ --duration 300ms")
        #expect(run.status == 0)
        let metadata = try metadata()
        let recorder = try #require(metadata.recorderPID)
        #expect(metadata.roots?.isEmpty == false && metadata.roots?.contains(recorder) == false)
        #expect(run.error.contains("0 spawns in"))
    }

    @Test func aFullDisk() throws {
        let run = try ProgramRun(
            "unshare", "-m", "sh", "-c",
            """
            mount -t tmpfs -o size=200k tmpfs "$1"; sh -c 'while :; do /bin/true; done' & p=$!
            "$2" record -o "$3" --ring-size 16K -p $p --duration 20s; s=$?; kill $p
            perf script -i "$3" | grep -q 'executes /bin/true' || exit 90; exit $s
            """, "x", directory.path, PerfPrivileges.program, directory.session)
        #expect(run.status == 125 && run.error.contains("recording stopped early, the session holds what came before"))
    }

    @Test(arguments: [("INT", Int32(0)), ("TERM", 143)])
    func theUserEndsIt(signal: String, status: Int32) throws {
        let run = try shell(
            "sleep 20 & p=$!; $S -p $p & r=$!; live $r; kill -\(signal) $r; wait $r; s=$?; kill $p; exit $s")
        // A background job of a shell ignores SIGINT.
        let interrupted = try shell(
            "sleep 20 & p=$!; timeout --preserve-status -s \(signal) 1 $S -p $p; s=$?; kill $p; exit $s")
        #expect(interrupted.status == status)
        if signal == "TERM" { #expect(run.status == status && run.error.contains("ended by signal 15")) }
        #expect(try metadata().end?.reason == "interrupted")
    }

    @Test func theMachineForAWhile() throws {
        let run = try shell(
            "$S -a --duration 1500ms & r=$!; live $r; for i in 1 2 3 4 5; do /usr/bin/env true; done; wait $r"
        )
        #expect(run.status == 0 && !run.error.contains("outlived"))
        let metadata = try metadata()
        #expect(metadata.target?.word == .machine && metadata.end?.reason == "duration")
        #expect(try #require(metadata.end?.duration) >= 1_500_000_000)
        #expect(try fold().contains { $0.contains("/usr/bin/env") })
        try expectPerfReads()
    }

    /// The recorder is none of the machine's processes, and the command is a root as the others are.
    @Test func theMachineWhileACommandRuns() throws {
        let run = try shell("$S -a -- sh -c '/usr/bin/env true; exit 3'")
        #expect(run.status == 3)
        let stacks = try fold()
        let own = stacks.filter { $0.contains("/usr/bin/env") }
        #expect(!own.isEmpty && own.allSatisfy { $0.hasPrefix("sh;") }, "\(own)")
    }

    @Test func aControlGroup() throws {
        let run = try shell(
            """
            m=$(grep -m 1 -E ' cgroup .*perf_event|^[^ ]+ [^ ]+ cgroup2 ' /proc/mounts | cut -d ' ' -f 2)
            g=$m/spawnscope-test-$$; mkdir $g || exit 90
            mkfifo "$2.fifo"; sh -c 'echo $$ >$0/cgroup.procs; read x; for i in 1 2 3; do /bin/true; done; :' $g <"$2.fifo" &
            exec 3>"$2.fifo"; $S --cgroup spawnscope-test-$$ --duration 1500ms & r=$!; live $r; echo >&3; wait $r; s=$?
            wait; rmdir $g; rm "$2.fifo"; exit $s
            """)
        #expect(run.status == 0)
        #expect(run.error.contains("3 spawns in"), "\(run.error)")
        #expect(try metadata().target?.word == .cgroup)
        #expect(try fold().count == 1)
        try expectPerfReads()
    }

    @Test func aControlGroupOfAnotherHierarchy() throws {
        let path = "/sys/fs/cgroup/memory"
        let isThere = access(path + "/cgroup.procs", F_OK) == 0
        let run = try shell("$S --cgroup \(isThere ? path : "/proc")")
        #expect(run.status == 125)
        #expect(
            run.error.contains(isThere ? "the hierarchy that has the perf_event controller" : "is no control group"))
    }

    // MARK: - The end

    @Test func whoOutlivesTheCommandIsNamed() throws {
        let run = try shell("$S -- sh -c 'for i in 1 2 3 4 5 6 7; do sleep 0.5 & done; sleep 0.1; exit 3'")
        #expect(run.status == 3)
        #expect(run.error.contains("7 of the spawns outlived the command: ") && run.error.contains(" and 2 more;"))
        #expect(run.error.components(" (sleep)") == 5)
    }

    @Test func waitingForAll() throws {
        let script = "(sleep 0.2; setsid sh -c \"sleep 0.2; /bin/true; :\" & ) & exit 3"
        let run = try shell("$S --wait-for-all -- sh -c '\(script)'")
        #expect(run.status == 3)
        #expect(run.error.contains(" spawns in ") && !run.error.contains("outlived"))
        #expect(try fold().contains { $0.contains("/bin/true") })
        #expect(try metadata().end?.reason == "last-ended")
        // Nobody is left: it ends with the command.
        #expect(try shell("$S --wait-for-all -- true").status == 0)
    }

    @Test func aSessionOfLimitedSize() throws {
        let run = try shell(
            "$S --no-pack --max-size 1M -- sh -c 'i=0; while [ $i -lt 2000 ]; do /bin/true; i=$((i+1)); done; echo done; exit 4'"
        )
        #expect(run.status == 4 && run.output == "done\n")
        #expect(run.error.components("before the session would exceed --max-size") == 1)
        var status = stat()
        #expect(stat(directory.session, &status) == 0 && status.st_size > 800_000 && status.st_size <= 1 << 20)
        #expect(try metadata().end?.reason == "max-size")
        try expectPerfReads()
    }

    @Test func aCommandThatIsRecordedForAWhile() throws {
        let run = try shell("$S --duration 200ms -- sh -c 'sleep 0.5; /bin/true; exit 6'")
        #expect(run.status == 6 && run.error.contains("1 of the spawns still ran at the end"))
    }

    // MARK: - What happens meanwhile

    @Test func aCommandThatIsStopped() throws {
        let run = try shell("$S -- sh -c '(sleep 0.3; kill -CONT $$) & kill -STOP $$; /bin/true; exit 5'")
        #expect(run.status == 5 && run.error.contains(" spawns in "))
        #expect(try fold().contains { $0.contains("/bin/true") })
    }

    @Test func aCommandThatClosesItsStreamsAndForksTwice() throws {
        let run = try shell(
            "$S --wait-for-all -- sh -c 'exec <&- >&- 2>&-; (/bin/true; (sleep 0.2; /bin/true) &) & exit 8'")
        #expect(run.status == 8 && !run.error.contains("outlived"))
        #expect(try fold().filter { $0.contains("/bin/true") }.count == 2)
    }

    /// What a stopped recorder let go: of each event as many are there and lost as there were, and `info` has both counts.
    @Test func seenAndLostAddUp() throws {
        let loop = "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done"
        let run = try shell("$S --keep-all --ring-size 16K -- sh -c 'kill -STOP $PPID; \(loop); kill -CONT $PPID'")
        #expect(run.status == 0)
        let info = try ProgramRun(PerfPrivileges.program, "info", directory.session)
        var checked = 0
        for line in run.error.split(separator: "\n") where line.hasPrefix("spawnscope:   ") {
            // "name: lost of occurrences (share)"
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 5, let lost = Int(words[2]), let all = Int(words[4]) else { continue }
            // "name: samples, lost by counter, lost by records"
            let line = info.lines.first { $0.contains(" \(words[1]) ") }?.split(separator: " ").dropFirst()
            let counts = (line ?? []).map { $0.filter { $0 != "," } }.map { Int($0) }
            #expect(counts.prefix(2) == [all - lost, lost], "\(info.output)")
            checked += 1
        }
        #expect(checked > 5, "\(run.error)")
    }

    /// These change the machine for a moment: a processor goes away, the wall clock is wrong.
    private static let mayChangeTheMachine = getenv("SPAWNSCOPE_CHANGE_MACHINE") != nil

    @Test(.enabled(if: mayChangeTheMachine, "only with SPAWNSCOPE_CHANGE_MACHINE set"))
    func aProcessorThatGoesAway() throws {
        let switched =
            "f=/sys/devices/system/cpu/cpu1/online; trap \"echo 1 >$f\" EXIT; echo 0 >$f; sleep 0.1; echo 1 >$f"
        let run = try shell(
            "$S -- sh -c 'i=0; \(switched); while [ $i -lt 50 ]; do /bin/true; i=$((i+1)); done; exit 2'")
        #expect(run.status == 2)
        #expect(run.error.contains("CPU 1 went offline: what ran there from then on is not in the session"))
        try expectPerfReads()
    }

    @Test(.enabled(if: mayChangeTheMachine, "only with SPAWNSCOPE_CHANGE_MACHINE set"))
    func aWallClockThatIsSet() throws {
        let run = try shell(
            "$S --duration 1s -- sh -c 'date -s \"+2 hours\" >/dev/null || exit 9; /bin/true; date -s \"-2 hours\" >/dev/null; /bin/true; :'"
        )
        #expect(run.status == 0 && run.error.contains("4 spawns in "))
        // Far less than the hours that the clock was wrong by, in nanoseconds.
        #expect(try #require(try metadata().end?.duration) < 3_600_000_000_000)
        try expectPerfReads()
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(_ text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let found = rest.firstRange(of: text) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}
