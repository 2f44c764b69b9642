import Glibc
import TestSupport
import Testing

/// The joined recorder beside that of events: the same programs, the same facts.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedJoinedTests {
    private let directory = SessionDirectory()
    private let programs = FoldDirectory()

    private func record(_ recorder: String, _ words: [String]) throws -> ProgramRun {
        try ProgramRun(
            [PerfPrivileges.program, "record", "--recorder", recorder, "-o", directory.session] + words)
    }

    private func run(_ subcommand: String, _ options: String...) throws -> ProgramRun {
        let run = try ProgramRun([PerfPrivileges.program, subcommand] + options + [directory.session])
        #expect(run.status == 0, "\(run.error)")
        return run
    }

    /// Compares what two reports say of each spawn and of the whole, without pids and times. What the first leaves open
    /// (the signal of a timer that expires on an idle CPU has no event) the second may know.
    private static let compare = """
        import collections, json, sys
        keys = ["method", "outcome", "path", "unreaped", "orphaned", "unfinished", "execs", "argument_bytes"]
        def rows(report):
            found = collections.Counter()
            for spawn in report["spawns"]:
                files = [program.get("file") for program in spawn.get("programs", [])]
                row = json.dumps([[spawn.get(key) for key in keys], sorted(spawn["phases"]), files])
                found[row, spawn.get("status"), spawn.get("signal")] += 1
            return found
        def whole(report):
            totals = {key: value for key, value in report["totals"].items() if not key.endswith("_ns")}
            failures = [[row.get("path"), row.get("errno"), row["attempts"]] for row in report.get("failures", [])]
            return json.dumps([totals, sorted(failures, key=str)])
        first, second = (json.load(open(path)) for path in sys.argv[1:])
        left, right = rows(first) - rows(second), rows(second) - rows(first)
        for row, status, signal in list(left.elements()):
            other = next((entry for entry in right if right[entry] and entry[0] == row), None)
            if status is None and signal is None and other:
                left[row, None, None] -= 1
                right[other] -= 1
        print(*(+left).items(), *(+right).items(), sep="\\n", end="")
        if whole(first) != whole(second): print(whole(first), whole(second), sep="\\n")
        print(len(first["spawns"]), file=sys.stderr)
        """

    /// Hundreds of ways of creating, executing, ending and waiting. In some of them two processes race: what differs by that
    /// is equal in another try, what a recorder tells otherwise is not.
    @Test(arguments: ["creations", "executions", "endings", "waits"]) func bothTellTheSame(program: String) throws {
        let built = try Workload.build(program, in: programs.path)
        var difference = ""
        for _ in 0..<4 {
            difference = try recordersDiffer(["--", Workload.root + "/Tests/Workloads/every_mode.sh", built])
            if difference == "" { return }
        }
        #expect(difference == "")
    }

    /// What the reports of two recordings of a command differ in.
    private func recordersDiffer(_ command: [String]) throws -> String {
        var reports: [String] = []
        var statuses: Set<Int32> = []
        for recorder in ["events", "joined"] {
            let recorded = try record(recorder, command)
            #expect(recorded.error.contains("spawnscope: 0 lost of "), "\(recorded.error)")
            statuses.insert(recorded.status)
            reports.append(programs.path + "/" + recorder + ".json")
            let report = try ProgramRun(
                "sh", "-c", "\"$1\" report --format json --spawns \"$2\" >\"$3\"", "sh", PerfPrivileges.program,
                directory.session, reports[reports.count - 1])
            #expect(report.status == 0, "\(report.error)")
        }
        let compared = try ProgramRun(["python3", "-c", Self.compare] + reports)
        #expect(statuses.count == 1 && compared.status == 0, "\(compared.error)")
        #expect(Int(compared.error.prefix { $0.isNumber }) ?? 0 > 20, "\(compared.error)")
        return compared.output
    }

    @Test func callSitesAreWhole() throws {
        let built = try Workload.build("spawn_loop", .bare, in: programs.path)
        var folded: [String] = []
        for recorder in ["events", "joined"] {
            #expect(try record(recorder, ["--", built, "50"]).status == 0)
            folded.append(try run("fold").output)
        }
        #expect(folded[0] == folded[1] && !folded[1].contains("[truncated]"))
        #expect(folded[1].hasSuffix(";/bin/true 50\n"))
        #expect(try run("report", "--format", "json").output.contains("\"joined\""))
    }

    @Test func perfReadsIt() throws {
        #expect(
            try record("joined", ["--no-pack", "--", "sh", "-c", "/bin/true; /nonexistent/program; :"]).status == 0)
        let script = try ProgramRun("perf", "script", "-i", directory.session, "-F", "comm,event,trace")
        #expect(script.status == 0)
        let lines = script.lines.map {
            $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        #expect(lines.contains("true spawnscope:exec: executes /bin/true"))
        #expect(lines.contains { $0.hasPrefix("sh spawnscope:exec_failed: exec of /nonexistent/program failed: -2") })
        #expect(lines.contains { $0.hasPrefix("true spawnscope:exit: ends with status 0, signal 0") })
        for arguments in [["evlist", "-v"], ["report", "--stdio"]] {
            let perf = try ProgramRun(["perf"] + arguments + ["-i", directory.session])
            #expect(perf.status == 0 && perf.error == "", "perf \(arguments): \(perf.error)")
        }
    }

    /// The session has nothing of others, even before it is packed.
    @Test func strangersAreNotRecorded() throws {
        let stranger = try ProgramRun(
            "sh", "-c",
            """
            (while :; do /bin/echo stranger >/dev/null; done) & loop=$!
            "$1" record --recorder joined --no-pack -q -o "$2" -- sh -c 'sleep 0.3; /bin/true'
            status=$?; kill $loop; wait $loop 2>/dev/null; exit $status
            """, "sh", PerfPrivileges.program, directory.session)
        #expect(stranger.status == 0, "\(stranger.error)")
        let script = try ProgramRun("perf", "script", "-i", directory.session, "-F", "comm,event,trace")
        #expect(script.output.contains("executes /bin/true") && !script.output.contains("echo"))
    }

    /// Two of it and perf at the same time: each sees all that is its own, and perf loses nothing by ours.
    @Test func othersBesideSeeAll() throws {
        let theirs = programs.path + "/perf.data"
        let run = try ProgramRun(
            "sh", "-c",
            """
            loop='i=0; while [ $i -lt 40 ]; do /bin/true; i=$((i + 1)); done'
            "$1" record -q --recorder joined -o "$2" -- sh -c "$loop" & first=$!
            perf record -q -a -e syscalls:sys_exit_execve,sched:sched_process_exec -o "$4" -- \
                "$1" record -q --recorder joined -o "$3" -- sh -c "$loop" || exit 1
            wait $first
            """, "sh", PerfPrivileges.program, directory.session, directory.session + ".old", theirs)
        #expect(run.status == 0 && run.error == "", "\(run.error)")
        for session in [directory.session, directory.session + ".old"] {
            let report = try ProgramRun(PerfPrivileges.program, "fold", "--frames", "program", session)
            #expect(report.output == "/bin/true 40\n", "\(report.output)")
        }
        let script = try ProgramRun("perf", "script", "-i", theirs, "-F", "event,trace")
        let executed = script.lines.filter { $0.contains("sched_process_exec") && $0.contains("filename=/bin/true ") }
        let returned = script.lines.filter { $0.contains("sys_exit_execve") && $0.hasSuffix("0x0") }
        #expect(executed.count >= 40 && returned.count >= executed.count)
    }

    /// A recorder that is killed leaves what had ended by then.
    @Test func aKilledRecorderLeavesASession() throws {
        let run = try ProgramRun(
            "sh", "-c",
            """
            "$1" record -q --no-pack --recorder joined -o "$2" -- sh -c '/bin/true; /bin/true; exec sleep 2' & recorder=$!
            sleep 1.2; kill -9 $recorder; wait $recorder; :
            """, "sh", PerfPrivileges.program, directory.session)
        #expect(run.status == 0)
        #expect(try self.run("fold", "--frames", "program").output == "/bin/true 2\n")
    }

    /// Threads that run already are followed, and events beside it see the workload.
    @Test func runningThreadsAndOtherEvents() throws {
        let script = """
            import subprocess, threading, time
            def spawn():
                time.sleep(1)
                for _ in range(5): subprocess.run(["/bin/true"])
            threads = [threading.Thread(target=spawn) for _ in range(3)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            """
        let run = try ProgramRun(
            "sh", "-c",
            """
            /usr/bin/python3 -c "$3" & "$1" record --recorder joined -e sched:sched_process_fork -g --sample 199 -o "$2" -p $!; wait
            """, "sh", PerfPrivileges.program, directory.session, script)
        #expect(run.error.contains("15 executed, 0 forked, 0 failed"), "\(run.error)")
        let forks = try self.run(
            "fold", "--event", "sched:sched_process_fork", "--weight", "samples", "--names", "perf")
        #expect(!forks.output.isEmpty)
    }

    /// A stack that is longer than a perf record may be, cut at the size that was asked for.
    @Test(arguments: [("256K", 200, true), ("64K", 200, false), ("64K", 56, true), ("16K", 56, false)])
    func longStacks(size: String, depth: Int, isWhole: Bool) throws {
        let built = try Workload.build("deep_stack", .bare, in: programs.path)
        for packs in [[], ["--no-pack"]] {
            let run = try record("joined", ["-q", "--stack-size", size] + packs + ["--", built, "\(depth)"])
            #expect(run.status == 0, "\(run.error)")
            let folded = try self.run("fold").output
            #expect(folded.split(separator: ";").count { $0 == "descend" } == depth || !isWhole, "\(folded)")
            #expect(folded.contains("[truncated]") == !isWhole, "\(folded)")
        }
    }

    /// Of a stack that is too long both ends are kept, and a frame that is larger than the limit lies between them.
    @Test(arguments: ["joined", "traced"], [true, false]) func aLargeFrame(recorder: String, packs: Bool) throws {
        let built = try Workload.build("deep_stack", .bare, in: programs.path)
        let options = packs ? ["-q"] : ["-q", "--no-pack"]
        let run = try record(recorder, options + ["--", built, "20", "3000000"])
        #expect(run.status == 0, "\(run.error)")
        let folded = try self.run("fold").output
        #expect(folded.split(separator: ";").count { $0 == "descend" } == 20, "\(folded)")
        #expect(folded.contains(";main;with_room;descend;") && !folded.contains("[truncated]"), "\(folded)")
    }

    /// The pids are those of the recorder's pid namespace, also of processes in namespaces below it.
    @Test func aPidNamespaceOfItsOwn() throws {
        let script = "/bin/true; unshare -fp sh -c '/bin/echo $PPID; :'; :"
        let run = try ProgramRun([
            "unshare", "-fp", "--mount-proc", PerfPrivileges.program, "record", "--recorder", "joined", "-o",
            directory.session, "--", "/bin/sh", "-c", script,
        ])
        #expect(run.status == 0 && run.error.contains("spawnscope: 0 lost of "), "\(run.error)")
        let check = """
            import json, sys
            report = json.load(sys.stdin)
            pids = [spawn["pid"] for spawn in report["spawns"]]
            assert len(pids) == 4 and max(pids) < 100, pids
            assert all(spawn["status"] == 0 and "total_ns" in spawn for spawn in report["spawns"]), report["spawns"]
            """
        let checked = try ProgramRun(
            "sh", "-c", "\"$1\" report --format json --spawns \"$2\" | python3 -c \"$3\"", "sh", PerfPrivileges.program,
            directory.session, check)
        #expect(checked.status == 0, "\(checked.error)")
    }

    /// A file of overlayfs, as containers have it, has the path and the inode that its user sees.
    @Test func aFileOfAnOverlay() throws {
        let built = try Workload.build("spawn_loop", .bare, in: programs.path)
        let run = try ProgramRun(
            "unshare", "-m", "sh", "-c",
            """
            mount -t tmpfs none /mnt && cd /mnt && mkdir lower upper work merged && mv "$2" lower/prog &&
            mount -t overlay none -o lowerdir=lower,upperdir=upper,workdir=work merged || exit 9
            for recorder in joined events; do
                "$1" record -q --recorder $recorder -o s.data -- /mnt/merged/prog 5 >/dev/null || exit 10
                "$1" fold --frames callsite s.data
                perf script -i s.data --show-mmap-events | grep -o 'r-xp /.*/prog$' | sort -u
            done
            """, "sh", PerfPrivileges.program, built)
        let half = run.lines.count / 2
        #expect(run.status == 0 && half == 2 && run.lines.prefix(half) == run.lines.suffix(half), "\(run.output)")
        #expect(run.lines.first?.hasPrefix("_start;") == true && run.output.contains("r-xp /mnt/merged/prog\n"))
    }

    /// What runs in a control group is recorded, and nothing else; both recorders see the same.
    @Test(.enabled(if: ControlGroups.unified != nil, "this machine has no cgroup of version 2"))
    func aControlGroup() throws {
        let group = try #require(ControlGroups.unified) + "/spawnscope_test_\(getpid())"
        for recorder in ["joined", "events"] {
            let run = try ProgramRun(
                "sh", "-c",
                """
                mkdir "$3" && (echo 0 >"$3/cgroup.procs" && exec sh -c 'sleep 1; for i in 1 2 3; do /bin/true; done; sleep 0.5') &
                (sleep 1; for i in 1 2; do /bin/echo stranger >/dev/null; done) &
                sleep 0.3
                "$1" record --recorder "$4" --cgroup "$3" --duration 1500ms -o "$2"; status=$?
                wait; rmdir "$3"; exit $status
                """, "sh", PerfPrivileges.program, directory.session, group, recorder)
            #expect(run.status == 0, "\(run.error)")
            #expect(try self.run("fold", "--frames", "program").output == "/bin/true 3\n/usr/bin/sleep 1\n")
        }
    }

    /// A container is found by its id and a unit by its name, both in the names of control groups.
    @Test(.enabled(if: ControlGroups.unified != nil, "this machine has no cgroup of version 2"))
    func aContainerAndAUnit() throws {
        let id = (0..<4).map { _ in String(UInt64.random(in: (1 << 60)...UInt64.max), radix: 16) }.joined()
        for (name, option) in [
            ("docker-\(id).scope", ["--container", String(id.prefix(14))]),
            ("spawnscope\(getpid()).service", ["--unit", "spawnscope\(getpid())"]),
        ] {
            let run = try ProgramRun(
                [
                    "sh", "-c",
                    """
                    mkdir "$3" && (echo 0 >"$3/cgroup.procs" && exec sh -c 'sleep 1; /bin/true; sleep 0.5') &
                    sleep 0.3; program=$1 session=$2 group=$3; shift 3
                    "$program" record "$@" --duration 1500ms -o "$session"; status=$?
                    wait; rmdir "$group"; exit $status
                    """, "sh", PerfPrivileges.program, directory.session,
                    try #require(ControlGroups.unified) + "/" + name,
                ] + option)
            #expect(run.status == 0, "\(run.error)")
            let report = try self.run("report", "--format", "json").output
            #expect(
                report.contains(option[0] == "--container" ? "\"container\": \"\(id)\"" : "\"unit\": \"\(name)\""),
                "\(report)")
            let text = try self.run("report").output
            #expect(
                text.hasPrefix(option[0] == "--container" ? "container \(id.prefix(12))\n" : "\(name)\n"), "\(text)")
            #expect(text.contains("/bin/true"))
        }
        let none = try ProgramRun(
            PerfPrivileges.program, "record", "--container", "0123456789ab", "-o", directory.session)
        #expect(none.status == 125 && none.error.contains("no control group of a container"), "\(none.error)")
    }

    /// Without an option it is used where it can be; where it cannot, a line says why, and the facts are the same.
    @Test func itIsTheDefault() throws {
        let command = ["record", "-o", directory.session, "--", "sh", "-c", "/bin/true; /bin/true"]
        let run = try ProgramRun([PerfPrivileges.program] + command)
        #expect(run.status == 0 && !run.error.contains("not joined"), "\(run.error)")
        #expect(try self.run("report", "--format", "json").output.contains("\"recorder\": \"joined\""))
        // Programs need CAP_BPF, or CAP_SYS_ADMIN.
        let withoutBPF = try ProgramRun(
            ["setpriv", "--bounding-set", "-bpf,-sys_admin", PerfPrivileges.program] + command)
        #expect(withoutBPF.status == 0, "\(withoutBPF.error)")
        let notes = withoutBPF.error.split(separator: "\n").filter { $0.contains("recorded by events, not joined: ") }
        #expect(notes.count == 1, "\(withoutBPF.error)")
        #expect(withoutBPF.error.contains("2 spawns in "))
        #expect(try self.run("report", "--format", "json").output.contains("\"recorder\": \"events\""))
    }

    @Test(arguments: [["--no-syscalls", "--", "true"]]) func whatItCannotRecordIsRefused(options: [String]) throws {
        let run = try record("joined", options)
        #expect(run.status == 125)
        #expect(run.error.hasPrefix("spawnscope: cannot record with --recorder joined: "), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1)
    }

    @Test func anUnknownRecorder() throws {
        let run = try record("traces", ["--", "true"])
        #expect(run.status == 125, "\(run.error)")
        #expect(run.error.contains("'traces' is no recorder; give joined, events, traced or inherited"))
    }
}

enum ControlGroups {
    /// Where the hierarchy of version 2 is mounted.
    static let unified: String? = {
        guard let mounts = try? ProgramRun("cat", "/proc/mounts").output else { return nil }
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count > 2, fields[2] == "cgroup2" { return String(fields[1]) }
        }
        return nil
    }()
}
