import Capture
import Glibc
import PerfData
import TestSupport
import Testing

/// Real recordings, read back by perf. One at a time: each sees the whole machine.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedRecordTests {
    private let directory = SessionDirectory()

    @Test func theMachineAllowsRecording() {
        let report = MachineReport()
        #expect(report.allowsRecording, "\(report.checks.filter { $0.state == .blocking })")
    }

    /// The count of spawns is the program's own, and perf has nothing to complain of.
    @Test func aLoopOfKnownLength() throws {
        let run = try directory.record(
            "--recorder", "events", "--", "sh", "-c",
            "echo $$; for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done; exit 7")
        #expect(run.status == 7)
        #expect(!run.error.contains("LOST") && run.error.contains("0 lost of"))
        let root = try #require(run.lines.first.map(String.init))

        let script = try ProgramRun("perf", "script", "-i", directory.session, "-F", "pid,event,trace")
        var children: Set<String> = []
        var execs = 0
        for line in script.lines {
            let words = line.split(separator: " ").map(String.init)
            guard let pid = words.first else { continue }
            if pid == root, words.contains("task:task_newtask:"),
                let child = words.first(where: { $0.hasPrefix("pid=") })
            {
                children.insert(String(child.dropFirst(4)))
            }
            if words.contains("sched:sched_process_exec:"), children.contains(pid) {
                #expect(words.contains("filename=/bin/true"))
                execs += 1
            }
        }
        #expect(children.count == 10 && execs == 10)

        for arguments in [["script"], ["evlist", "-v"], ["report", "--stdio"]] {
            let perf = try ProgramRun(["perf"] + arguments + ["-i", directory.session])
            #expect(perf.status == 0 && perf.error == "", "perf \(arguments)")
        }
    }

    @Test func buildIDsOfWhatWasMapped() throws {
        #expect(try directory.record("--recorder", "events", "--", "sh", "-c", "/bin/true; /bin/true").status == 0)
        let found = try PerfDataFile(path: directory.session).description.buildIDs
        #expect(found["/usr/bin/true"]?.count == 20 && found["[kernel.kallsyms]"]?.count == 20)
        #expect(found.keys.contains { $0.hasSuffix("/libc.so.6") } && found["[vdso]"] == nil)
        let list = try ProgramRun("perf", "buildid-list", "-i", directory.session)
        #expect(list.status == 0 && list.error == "" && list.output.contains(" /usr/bin/true\n"))
    }

    @Test func aProgramReplacedMeanwhile() throws {
        let program = directory.path + "/s.data.old"
        let run = try directory.record(
            "--recorder", "events", "--", "sh", "-c", "cp /bin/true $0; $0; cp /bin/true $0.new; mv $0.new $0; $0",
            program)
        #expect(run.status == 0)
        #expect(run.error.contains("\(program) is not the file that was recorded"))
        #expect(try PerfDataFile(path: directory.session).description.buildIDs[program] == nil)
    }

    /// Other recorders' records stay as they are: perf aborts on some where an event here asks for build IDs.
    @Test func besidePerf() throws {
        let theirs = directory.path + "/s.data.old"
        let run = try ProgramRun(
            "perf", "record", "-q", "-a", "-g", "-e", "cpu-clock", "-o", theirs, "--", PerfPrivileges.program, "record",
            "-o", directory.session, "--", "sh", "-c", "for i in 1 2 3 4 5 6 7 8; do /bin/true; done")
        #expect(run.status == 0 && !run.error.contains("assertion"))
        #expect(try ProgramRun("perf", "script", "-i", theirs).error == "")
    }

    @Test func aTracepointAskedForAndSamples() throws {
        let run = try directory.record(
            "-e", "sched:sched_switch", "--filter", "prev_pid != 0", "-g", "--sample", "997", "--",
            "sh", "-c", "i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; sleep 0.01")
        #expect(run.status == 0)
        let script = try ProgramRun("perf", "script", "-i", directory.session, "--comm", "sh", "-F", "event,ip,sym")
        #expect(script.output.contains("cpu-clock:") && script.output.contains("sched:sched_switch:"))
        #expect(script.output.contains("schedule"))
        let all = try ProgramRun("perf", "script", "-i", directory.session, "-F", "event,trace")
        #expect(!all.output.contains("prev_pid=0 "))
    }

    /// The ring takes the whole size of a dump, the session what was used of it; perf reads both.
    @Test func creationsHaveRegistersAndTheUsedPartOfTheStack() throws {
        let run = try directory.record(
            "--recorder", "events", "--no-pack", "--stack-size", "32K", "--", "sh", "-c", "/bin/true; /bin/true; :")
        #expect(run.status == 0)
        let dump = try ProgramRun("perf", "report", "-D", "-i", directory.session)
        let sizes = dump.output.split(separator: "\n").filter { $0.contains("ustack: size ") }
            .compactMap {
                $0.split(separator: " ").compactMap { Int($0.trimmingPrefix("size ").prefix { $0 != "," }) }.first
            }
        // Whatever else the machine starts meanwhile is there, too.
        #expect(sizes.count >= 2 && sizes.allSatisfy { 200..<32768 ~= $0 && $0.isMultiple(of: 8) })
        let registers = dump.output.split(separator: "\n").filter { $0.contains("user regs: mask 0xff0fff") }
        #expect(registers.count == sizes.count)
        let script = try ProgramRun("perf", "script", "-i", directory.session, "-F", "event,sym")
        #expect(script.status == 0 && script.output.contains("task:task_newtask:"))
    }

    /// What the workload sees of its surroundings is what it would see without a recorder.
    @Test func whatTheWorkloadInherits() throws {
        let look = """
            for fd in /proc/self/fd/*; do echo "${fd##*/}"; done; readlink /proc/self/fd/0; env | sort
            grep -E '^(Sig(Pnd|Blk|Ign|Cgt)|ShdPnd)' /proc/self/status; pwd; umask; cat /proc/self/limits; ps -o pgid=,sid= -p $$
            """
        let start = "trap '' HUP USR1; cd /usr; ulimit -n 120; umask 027; exec 7</etc/passwd; exec \"$@\""
        let bare = try ProgramRun("sh", "-c", start, "x", "sh", "-c", look)
        let recorded = try ProgramRun(
            "sh", "-c", start, "x", PerfPrivileges.program, "record", "-o", directory.session, "--", "sh", "-c", look)
        #expect(bare.status == 0 && recorded.status == 0, "\(recorded.error)")
        #expect(bare.output.contains("\n7\n"))
        #expect(bare.output == recorded.output)
    }

    @Test(
        arguments: [
            (["--", "sh", "-c", "exit 3"], 3), (["--", "sh", "-c", "kill -KILL $$"], 137), (["true"], 0),
            (["--", "/nonexistent"], 127), (["--", "nosuchcommand"], 127), (["--", "/etc/passwd"], 126),
            (["--", "/tmp"], 126),
            (["--bogus", "--", "true"], 125), ([], 125), (["-e", "nosuch:thing", "--", "true"], 125),
            (["-e", "sched:sched_switch", "--filter", "nosuch == 1", "--", "true"], 125), (["-g", "--", "true"], 125),
            (["--ring-size", "3M", "--", "true"], 125), (["-o", "/tmp", "--", "true"], 125),
            (["-o", "/nonexistent/s.data", "--", "true"], 125), (["--sample", "0", "--", "true"], 125),
            (["--sample", "x", "--", "true"], 125), (["--ring-size", "abc", "--", "true"], 125),
            (["--stack-size", "7", "--", "true"], 125), (["--stack-size", "257K", "--", "true"], 125),
            (["--stack-size", "8K", "--ring-size", "16K", "--", "true"], 125), (["--stack-size", "0", "true"], 0),
            (["--duration", "5", "--", "true"], 125), (["--max-size", "9K", "--", "true"], 125),
            (["-p", "1073741824"], 125), (["-p", "0"], 125), (["-p", "1,,2"], 125), (["-p", "1", "true"], 125),
            (["-p", "1", "-a"], 125), (["-p"], 125), (["--cgroup", "/nonexistent"], 125), (["--cgroup", "/proc"], 125),
            (["--cgroup", "x", "--", "true"], 125), (["-a", "--wait-for-all"], 125), (["-a", ""], 125),
        ] as [([String], Int32)])
    func exitStatus(arguments: [String], expected: Int32) throws {
        let run = try ProgramRun([PerfPrivileges.program, "record", "-o", directory.session] + arguments)
        #expect(run.status == expected)
        #expect(run.output == "")
        #expect(run.error.hasPrefix("spawnscope: "))
        if expected >= 125, expected <= 127 { #expect(run.error.split(separator: "\n").count == 1) }
    }

    /// With SIGCHLD ignored nobody could wait for the workload: the recorder can, and the workload still ignores it.
    @Test func anIgnoredSIGCHLD() throws {
        // Bit 16 of the mask. dash never ignores the signal, bash does.
        for (pattern, expected) in [("SigIgn.*1....$", Int32(0)), ("nosuchline", 1)] {
            let run = try ProgramRun(
                "bash", "-c", "trap '' CHLD; exec \"$@\"", "x", PerfPrivileges.program, "record", "-o",
                directory.session,
                "--", "grep", "-q", pattern, "/proc/self/status")
            #expect(run.status == expected)
        }
    }

    @Test func argumentsReachTheCommandAsTheyAre() throws {
        let run = try ProgramRun(
            "sh", "-c", "exec \"$@\" \"$(printf 'a\\377b')\" -- -o '' \"c d\"", "x", PerfPrivileges.program, "record",
            "-o",
            directory.session, "--", "sh", "-c", "for a; do printf '%s' \"$a\" | od -An -tx1; done", "x")
        #expect(run.status == 0)
        #expect(run.output == " 61 ff 62\n 2d 2d\n 2d 6f\n 63 20 64\n")
    }

    @Test func aScriptWithoutItsInterpreter() throws {
        let script = directory.path + "/script"
        let run = try ProgramRun(
            "sh", "-c",
            "echo '#!/nonexistent/sh' >\"$1\"; chmod +x \"$1\"; \"$2\" record -o \"$3\" -- \"$1\"; s=$?; rm \"$1\"; exit $s",
            "x", script, PerfPrivileges.program, directory.session)
        #expect(run.status == 127)
        #expect(run.error.contains("its interpreter is not found"))
    }

    @Test func theSessionBeforeIsKept() throws {
        #expect(try directory.record("--", "sh", "-c", "exit 1").status == 1)
        #expect(try directory.record("--", "nosuchcommand").status == 127)
        // What did not run is no session: the first is still there, under its own name.
        #expect(access(directory.session, F_OK) == 0 && access(directory.session + ".old", F_OK) != 0)
        #expect(try directory.record("--", "true").status == 0)
        #expect(access(directory.session + ".old", F_OK) == 0)
    }

    @Test func theRecorderIsEndedFromOutside() throws {
        let run = try directory.record("--", "sh", "-c", "kill -TERM $PPID; sleep 0.2")
        #expect(run.status == 143)
        #expect(run.error.contains("ended by signal 15"))
        #expect(try ProgramRun("perf", "script", "-i", directory.session).error == "")
    }

    /// The recorder outlives the first SIGINT, as it is the workload's; the second ends it.
    @Test func interrupts() throws {
        let once = try directory.record("--", "sh", "-c", "kill -INT $PPID; exit 5")
        #expect(once.status == 5)
        let twice = try directory.record(
            "--", "sh", "-c", "kill -INT $PPID; kill -INT $PPID; kill -QUIT $PPID; sleep 0.2")
        #expect(twice.status == 130 || twice.status == 131)
        #expect(twice.error.contains("ended by signal"))
    }

    /// The disk's or the user's limit: the workload runs on, what was written stays.
    @Test func aFileThatCannotGrow() throws {
        let loop = "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done; echo done"
        let run = try ProgramRun(
            "sh", "-c", "ulimit -f 200; exec \"$@\"", "x", PerfPrivileges.program, "record", "-o", directory.session,
            "--recorder", "events", "--ring-size", "16K", "--", "sh", "-c", loop)
        #expect(run.status == 0 && run.output == "done\n")
        #expect(run.error.contains("recording stopped early, the session holds what came before: cannot write "))
        #expect(run.error.contains(": raise the limit with ulimit -f, or name a file elsewhere with -o"))
        #expect(run.error.contains(" bytes of records had to go: "))
        let perf = try ProgramRun("perf", "script", "-i", directory.session)
        #expect(perf.status == 0 && perf.output.contains("filename=/bin/true"), "\(perf.error)")
        // So small a ring may be full while other programs run.
        #expect(perf.error == "" || perf.error.contains(" events and lost "), "\(perf.error)")
        let info = try ProgramRun(PerfPrivileges.program, "info", directory.session)
        #expect(info.status == 0 && info.error == "" && info.output.contains("\nended by: command-ended\n"))
        var status = stat()
        #expect(stat(directory.session, &status) == 0 && status.st_size > 10_000 && status.st_size <= 200 * 1024)
    }

    /// What was written before the recorder was killed is read, and the workload does not notice.
    @Test func aKilledRecorder() throws {
        let marker = directory.path + "/s.data.old"
        let loop = "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done"
        let run = try directory.record(
            "--ring-size", "16K", "--", "sh", "-c", "\(loop); kill -KILL $PPID; /bin/true && : >$0", marker)
        #expect(run.status == 137)
        for _ in 0..<200 where access(marker, F_OK) != 0 { usleep(50_000) }
        #expect(access(marker, F_OK) == 0)
        let fold = try ProgramRun(PerfPrivileges.program, "fold", directory.session)
        #expect(fold.status == 0 && fold.error.contains("the recorder was killed before it finished"))
        let spawns = fold.lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        #expect(250...301 ~= spawns)
    }

    @Test func lossesAreCounted() throws {
        let loop = "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done"
        // A stopped recorder drains nothing, and a ring of one page is soon full.
        let run = try directory.record(
            "--ring-size", "4K", "--", "sh", "-c", "kill -STOP $PPID; \(loop); kill -CONT $PPID")
        #expect(run.status == 0)
        #expect(run.error.contains(": counts are too low; give --ring-size more"))
        #expect(try ProgramRun("perf", "script", "-i", directory.session).status == 0)
    }

    @Test func doctor() throws {
        let run = try ProgramRun(PerfPrivileges.program, "doctor")
        #expect(run.status == 0)
        #expect(run.output.contains("spawnscope record works here."))
        let nobody = try ProgramRun("setpriv", "--reuid", "65534", "--clear-groups", PerfPrivileges.program, "doctor")
        #expect(nobody.status == 0)
        #expect(nobody.output.contains("NO       perf events"))
        #expect(nobody.output.contains("ok       traced recorder: "))
        #expect(nobody.output.contains("spawnscope record -- COMMAND works here by ptrace, without phases and waits."))
    }
}
