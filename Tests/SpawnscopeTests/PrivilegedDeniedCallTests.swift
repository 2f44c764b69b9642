import TestSupport
import Testing

/// Calls that a filter (seccomp) denies, and children that the kernel reaps for a parent that asked for it.
@Suite(.serialized, .enabled(if: PerfPrivileges.available)) struct PrivilegedDeniedCallTests {
    private let directory = FoldDirectory()

    private static let includes = """
        #define _GNU_SOURCE
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <signal.h>
        #include <stddef.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <unistd.h>
        static void handle(int number) { (void)number; }
        static void deny(long call, unsigned answer) {
            struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, answer),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            };
            struct sock_fprog filter = {sizeof code / sizeof *code, code};
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
        }

        """

    private func expect(_ body: String, _ script: String) throws {
        let source = Self.includes + "int main(void) {\n\(body)\n    return 0;\n}\n"
        let program = try Compiler.program(source, ["-O1"], in: directory.path)
        let session = directory.path + "/s.data"
        let run = try ProgramRun(PerfPrivileges.program, "record", "-o", session, "--", program)
        try #require(run.status == 0, "\(run.error)")
        let report = try ProgramRun(PerfPrivileges.program, "report", "--format", "json", "--spawns", session)
        let setup = "totals, spawns = report[\"totals\"], report[\"spawns\"]\n"
        let problems = try ReportChecker.problems(report.output, setup + script, in: directory.path)
        #expect(problems == "", "\(run.error)\(report.output.prefix(3000))")
    }

    /// With a handler the child goes on; a filter that ends the process leaves the same trace.
    @Test(arguments: ["SECCOMP_RET_TRAP", "SECCOMP_RET_KILL_PROCESS"], [false, true])
    func attemptsThatAreAnsweredWithASignal(answer: String, isHandled: Bool) throws {
        let goesOn = isHandled && answer == "SECCOMP_RET_TRAP"
        try expect(
            """
                pid_t child = fork();
                if (child == 0) {
                    \(isHandled ? "signal(SIGSYS, handle);" : "")
                    deny(SYS_execve, \(answer));
                    execl("/bin/true", "true", (char *)0);
                    _exit(3);
                }
                waitpid(child, 0, 0);
            """,
            """
            assert (totals["spawns"], totals["failed"], totals["failed_attempts"]) == (1, 1, 1), totals
            assert (spawns[0]["outcome"], spawns[0]["\(goesOn ? "status" : "signal")"]) == ("failed", \(goesOn ? 3 : 31)), spawns
            """)
    }

    @Test(arguments: ["vfork", "fork"]) func forksThatAreDenied(call: String) throws {
        try expect(
            """
                deny(SYS_\(call), SECCOMP_RET_ERRNO | 1);
                for (int index = 0; index < 3; index++) if (syscall(SYS_\(call)) >= 0) return 1;
            """,
            """
            assert (totals["spawns"], totals["failed_creations"]) == (0, 3) and "unknown" not in report["session"], report
            """)
    }

    @Test func clonesThatAreDenied() throws {
        try expect(
            """
                deny(SYS_clone, SECCOMP_RET_ERRNO | 1);
                if (fork() >= 0) return 1;
            """,
            """
            assert "failed_creations" not in totals and totals["at_least"] == {"failed_creations": 0}, totals
            assert report["session"]["unknown"] == [{"fact": "failed_creations", "reason": "seccomp", "processes": 1}], report["session"]
            """)
    }

    /// SA_NOCLDWAIT and a handler: the kernel reaps each child as it ends. The last is left without.
    @Test(arguments: [false, true]) func childrenThatTheKernelReaps(isWaitedFor: Bool) throws {
        try expect(
            """
                struct sigaction action = {.sa_handler = handle, .sa_flags = SA_NOCLDWAIT};
                sigaction(SIGCHLD, &action, 0);
                for (int index = 0; index < 2; index++) {
                    if (fork() == 0) _exit(0);
                    while (\(isWaitedFor ? "wait(0) >= 0" : "usleep(30000) != 0")) {}
                }
            """,
            """
            assert totals["spawns"] == 2 and "unreaped" not in totals and report["findings"] == [], report
            assert report["session"]["unknown"] == [{"fact": "unreaped", "reason": "unseen_wait", "processes": 2}], report["session"]
            """)
    }
}
