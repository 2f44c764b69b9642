import Glibc
import TestSupport
import Testing

/// What looks at the bytes of others has no rights, and its end harms nothing.
@Suite(.enabled(if: PerfPrivileges.available)) struct PrivilegedWorkerTests {
    private let directory = SessionDirectory()

    private func shell(_ script: String) throws -> ProgramRun {
        try ProgramRun(
            "bash", "-c", "cd \"$1\"; S=$0; \(script)", PerfPrivileges.program, directory.path)
    }

    /// The system calls of each process, threads with it, by its number, in order.
    private func traced(_ command: String) throws -> [String: [String]] {
        let run = try shell(
            "strace -f -qq -e trace=openat,open,clone,clone3,execve,seccomp,prctl,socket,connect,setresuid -o trace \(command) >out 2>err; cat trace; rm -f trace out err"
        )
        var calls: [String: [String]] = [:]
        var processes: [String: String] = [:]
        // By thread: the first half of a call that another thread's line interrupts.
        var unfinished: [String: String] = [:]
        let mark = "<unfinished ...>"
        for line in run.output.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard parts.count == 2 else { continue }
            let thread = String(parts[0])
            var call = String(parts[1].drop { $0 == " " })
            if call.hasSuffix(mark) {
                unfinished[thread] = String(call.dropLast(mark.count))
                continue
            }
            if call.hasPrefix("<... ") {
                let rest = call.split(separator: ">", maxSplits: 1).last.map(String.init) ?? ""
                call = (unfinished.removeValue(forKey: thread) ?? "") + rest
            }
            let process = processes[thread] ?? thread
            if call.hasPrefix("clone") {
                if call.contains("CLONE_THREAD"), let number = call.split(separator: " ").last {
                    processes[String(number)] = process
                }
            } else {
                calls[process, default: []].append(call)
            }
        }
        return calls
    }

    /// malloc(3) of glibc asks before it gives memory of a thread back, and does without an answer.
    private static let refusedToMalloc =
        #"openat(AT_FDCWD, "/proc/sys/vm/overcommit_memory", O_RDONLY|O_CLOEXEC) = -1 EPERM (Operation not permitted)"#

    @Test(
        "a worker opens nothing by name, and its parent nothing that is no regular file",
        arguments: [
            "$S record -o s.data -- sh -c '/bin/true; /bin/true'", "$S record --no-pack -o s.data -- sh -c '/bin/true'",
            "$S report s.data", "$S fold s.data", "$S flamegraph s.data", "$S export --format csv s.data",
            "$S info s.data",
            "$S pack -o p.data raw.data", "$S fold raw.data", "$S report raw.data",
            "$S compare --base s.data --head s.data",
        ])
    func opens(command: String) throws {
        _ = try shell("$S record -q -o s.data -- /bin/true; $S record -q --no-pack -o raw.data -- sh -c '/bin/true'")
        let calls = try traced(command)
        let workers = calls.values.filter { $0.contains { $0.contains("PR_SET_SECCOMP") } }
        #expect(!workers.isEmpty, "\(calls)")
        for worker in workers {
            let confined = try #require(worker.firstIndex { $0.contains("PR_SET_SECCOMP") })
            #expect(worker[..<confined].contains { $0.hasPrefix("setresuid(65534") }, "\(worker)")
            #expect(worker[..<confined].contains { $0.contains("PR_SET_NO_NEW_PRIVS") })
            let later = worker[(confined + 1)...].filter { !$0.hasPrefix("+++") && !$0.hasPrefix("---") }
            #expect(later.allSatisfy { $0 == Self.refusedToMalloc }, "\(later)")
            #expect(!worker[..<confined].contains { $0.hasPrefix("openat(") || $0.hasPrefix("execve(") }, "\(worker)")
        }
        _ = try shell("rm -f *.data *.old")
    }

    /// madvise(2) is what only the readers of sessions call, and the joined recorder.
    @Test(
        "a worker that is ended leaves the session as it was recorded, and the command's own status",
        arguments: ["SIGKILL", "SIGSEGV", "SIGXCPU"])
    func ended(signal: String) throws {
        let run = try shell(
            """
            cp /bin/true own
            strace -f -qq -o /dev/null -e trace=madvise -e inject=madvise:signal=\(signal) \
                $S record --recorder events -o s.data -- sh -c './own; ./own; exit 7'; echo "status $?"
            ls -A; $S info s.data | grep -c packed; $S fold --frames program s.data; perf script -i s.data | grep -c filename=./own
            rm own
            """)
        #expect(run.lines == ["status 7", "own", "s.data", "0", "./own 2", "2"], "\(run.output)")
        let reason = signal == "SIGXCPU" ? "used more CPU time" : "was ended by signal"
        #expect(
            run.error.contains("not packed, and complete as it was recorded: the process that packs \(reason)"),
            "\(run.error)")
    }

    @Test("a reader that is ended is said, with a status of its own", arguments: ["report", "fold", "info", "pack"])
    func endedReader(command: String) throws {
        let run = try shell(
            """
            $S record -q --no-pack -o s.data -- /bin/true; sha256sum s.data >before
            strace -f -qq -o /dev/null -e trace=madvise -e inject=madvise:signal=SIGSEGV $S \(command) s.data
            echo "status $?"; sha256sum -c before; rm before; ls -A
            """)
        #expect(run.lines == ["status 70", "s.data: OK", "s.data"], "\(run.output)\(run.error)")
        #expect(run.error.contains("the process that read it was ended by signal 11"), "\(run.error)")
    }

    @Test("a verdict that nobody could give is none")
    func endedBeforeTheVerdict() throws {
        let run = try shell(
            """
            printf 'schema: spawnscope.budget/1\\nbudgets:\\n  - {name: all, spawns: 9}\\n' >b.yml
            strace -f -qq -o /dev/null -e trace=madvise -e inject=madvise:signal=SIGKILL \
                $S record --recorder events -q --budget b.yml -o s.data -- /bin/true; echo "status $?"; rm b.yml
            """)
        #expect(run.output == "status 3\n", "\(run.output)\(run.error)")
    }

    @Test("a worker that somebody stops is ended, and nothing waits for it")
    func stopped() throws {
        let run = try shell(
            """
            $S record -q -o s.data -- /bin/true
            (for i in $(seq 200); do pkill -STOP -u nobody -f "spawnscope info s.data" && break; sleep 0.02; done) &
            strace -f -qq -o /dev/null -e trace=madvise -e inject=madvise:delay_enter=1000000 timeout -s KILL 30 $S info s.data
            echo "status $?"
            """)
        #expect(run.output == "status 70\n", "\(run.output)")
        #expect(run.error.contains("was stopped by another process"), "\(run.error)")
    }

    @Test("a worker that closes its socket and lives on is ended")
    func leavesItsSocket() throws {
        let shim = """
            #include <sys/socket.h>
            #include <unistd.h>
            int prctl(int option, ...) {
                for (int number = 3; number < 1024; number++) shutdown(number, SHUT_RDWR);
                sleep(600);
                return 0;
            }
            """
        try Compiler.write(Array(shim.utf8), to: directory.path + "/shim.c")
        let run = try shell(
            """
            cc -shared -fPIC -o shim.so shim.c && $S record -q -o s.data -- /bin/true
            LD_PRELOAD=./shim.so timeout -s KILL 60 $S info s.data; echo "status $?"
            """)
        #expect(run.output == "status 70\n", "\(run.output)")
        #expect(run.error.contains("was ended by signal 9"), "\(run.error)")
    }

    @Test("no thread of a worker has a capability or can have one, and the one that forked only waits")
    func rights() throws {
        let run = try shell(
            """
            $S record -q -o s.data -- /bin/true
            strace -f -qq -o /dev/null -e trace=madvise -e inject=madvise:delay_enter=2000000 $S info s.data >/dev/null &
            for i in $(seq 100); do
                for w in $(pgrep -u nobody -f "spawnscope info s.data"); do
                    # The main thread waits (futex) for one that is in madvise.
                    grep -q '^28 ' /proc/$w/task/*/syscall && grep -q '^202 ' /proc/$w/task/$w/syscall || continue
                    grep -hE '^(CapEff|CapPrm|CapBnd|NoNewPrivs|Seccomp):' /proc/$w/task/*/status && break 2
                done
                sleep 0.05
            done
            wait
            """)
        // Also what the main thread kept could be had by the other.
        #expect(run.lines.count == 10, "\(run.output)")
        let none = ["CapPrm", "CapEff", "CapBnd"].map { $0 + ":\t0000000000000000" }
        #expect(Set(run.lines.map(String.init)) == Set(none + ["NoNewPrivs:\t1", "Seccomp:\t2"]), "\(run.output)")
    }
}
