import TestSupport
import Testing

/// Calls whose outcome is not what their return value seems to say, as the kernel does them.
@Suite(.serialized, .enabled(if: PerfPrivileges.available)) struct PrivilegedKernelAnswerTests {
    private let directory = FoldDirectory()

    private static let includes = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <linux/audit.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <signal.h>
        #include <stddef.h>
        #include <string.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <time.h>
        #include <unistd.h>
        extern char **environ;
        static char *words[] = {"true", 0};
        static void child_of(void (*body)(void)) {
            pid_t pid = fork();
            if (pid == 0) { body(); _exit(0); }
            while (waitpid(pid, 0, 0) < 0 && errno == EINTR) {}
        }

        """

    /// Records the program, and holds its report against assertions on `totals` and `spawns`.
    private func expect(_ source: String, _ script: String, behind words: [String] = []) throws {
        let program = try Compiler.program(Self.includes + source, ["-O1", "-pthread"], in: directory.path)
        let session = directory.path + "/s.data"
        let run = try ProgramRun([PerfPrivileges.program, "record", "-o", session, "--"] + words + [program])
        try #require(run.status == 0, "\(run.error)")
        let report = try ProgramRun(PerfPrivileges.program, "report", "--format", "json", "--spawns", session)
        let setup = """
            totals, spawns = report["totals"], report["spawns"]
            assert "unknown" not in report["session"], report["session"]

            """
        let problems = try ReportChecker.problems(report.output, setup + script, in: directory.path)
        #expect(problems == "", "\(run.error)\(report.output.prefix(3000))")
    }

    // MARK: - execveat(AT_EXECVE_CHECK)

    private static let check = """
        static int check(const char *path) {
            int file = open(path, O_RDONLY | O_CLOEXEC);
            return syscall(SYS_execveat, file, "", words, environ, AT_EMPTY_PATH | 0x10000);
        }

        """

    @Test func checksThatAreAllowed() throws {
        try expect(
            Self.check + """
                static void body(void) { check("/bin/true"); }
                int main(void) { for (int i = 0; i < 10; i++) child_of(body); return 0; }
                """,
            """
            assert (totals["spawns"], totals["forked"], totals["execs"], totals["failed_attempts"]) == (10, 10, 0, 0), totals
            """)
    }

    @Test func checksThatAreRefused() throws {
        try expect(
            Self.check + """
                static void body(void) { check("/etc/passwd"); }
                int main(void) { for (int i = 0; i < 10; i++) child_of(body); return 0; }
                """,
            """
            assert (totals["spawns"], totals["forked"], totals["execs"], totals["failed_attempts"]) == (10, 10, 0, 0), totals
            """)
    }

    @Test func checksBeforeAnExec() throws {
        try expect(
            Self.check + """
                static void body(void) { check("/bin/true"); check("/etc/passwd"); execv("/nope/true", words); execv("/bin/true", words); }
                int main(void) { for (int i = 0; i < 10; i++) child_of(body); return 0; }
                """,
            """
            assert (totals["spawns"], totals["forked"], totals["execs"], totals["failed_attempts"]) == (10, 0, 10, 10), totals
            assert {s["path"] for s in spawns} == {"/bin/true"}
            """)
    }

    // MARK: - Calls that signals interrupt

    @Test(arguments: ["fork()", "vfork()", "syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)"])
    func creationsThatAreRestarted(call: String) throws {
        try expect(
            """
            static void handle(int number) { (void)number; }
            int main(void) {
                struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
                sigaction(SIGUSR1, &action, 0);
                pid_t self = getpid(), sender = fork();
                if (sender == 0) {
                    while (getppid() == self) { kill(self, SIGUSR1); for (volatile int spin = 0; spin < 300; spin++) {} }
                    _exit(0);
                }
                for (int index = 0; index < 500; index++) {
                    pid_t pid = \(call);
                    if (pid < 0) return 9;
                    if (pid == 0) _exit(0);
                    while (waitpid(pid, 0, 0) < 0) {}
                }
                kill(sender, SIGKILL);
                waitpid(sender, 0, 0);
                return 0;
            }
            """,
            """
            assert (totals["spawns"], totals["failed_creations"], totals["unreaped"]) == (501, 0, 0), totals
            """)
    }

    // MARK: - Calls that a filter denies

    private static func denied(_ error: String, _ call: String) -> String {
        """
        static void body(void) {
            struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 1, 0),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execveat, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | \(error)),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            };
            struct sock_fprog filter = {sizeof code / sizeof *code, code};
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
            \(call);
            \(call);
        }
        int main(void) { for (int i = 0; i < 5; i++) child_of(body); return 0; }
        """
    }

    @Test(
        arguments: ["EPERM", "EACCES", "ENOSYS"],
        [#"execv("/bin/true", words)"#, #"syscall(SYS_execveat, AT_FDCWD, "/bin/true", words, environ, 0)"#])
    func attemptsThatAreDenied(error: String, call: String) throws {
        try expect(
            Self.denied(error, call),
            """
            assert (totals["spawns"], totals["failed"], totals["execs"], totals["failed_attempts"]) == (5, 5, 0, 10), totals
            assert [(f["errno"], f["attempts"]) for f in report["failures"]] == [("\(error)", 10)], report["failures"]
            """)
    }

    // MARK: - Who is told of a child's end

    private static let ignoring = """
        int main(void) {
            signal(SIGCHLD, SIG_IGN);
            for (int i = 0; i < 20; i++) if (fork() == 0) _exit(0);
            nanosleep(&(struct timespec){0, 300000000}, 0);
            return 0;
        }
        """

    /// A parent that ignores SIGCHLD leaves its children to the kernel, whoever is told of them before.
    @Test(arguments: [[], ["strace", "-f", "-o", "/dev/null"], ["strace", "-f", "--seccomp-bpf", "-o", "/dev/null"]])
    func childrenOfWhoIgnoresThem(tracer: [String]) throws {
        try expect(
            Self.ignoring,
            """
            assert totals["spawns"] >= 20 and totals["unreaped"] == 0, totals
            """, behind: tracer)
    }

    @Test(arguments: [[], ["strace", "-f", "-o", "/dev/null"]])
    func childrenOfWhoForgetsThem(tracer: [String]) throws {
        try expect(
            Self.ignoring.replacing("signal(SIGCHLD, SIG_IGN);", with: ""),
            """
            assert totals["unreaped"] == 20, totals
            """, behind: tracer)
    }

    /// A child that ends with its parent is an orphan of it, or was never reaped.
    @Test func childrenThatEndAsTheirParentDoes() throws {
        try expect(
            """
            static void body(void) {
                for (int i = 0; i < 3; i++) {
                    if (fork() == 0) {
                        prctl(PR_SET_PDEATHSIG, SIGKILL);
                        if (i > 0) { for (volatile int spin = 0; spin < 20000 * i; spin++) {} _exit(0); }
                        // One whose parent was gone before it asked ends all the same.
                        alarm(2);
                        pause();
                    }
                }
                for (volatile int spin = 0; spin < 30000; spin++) {}
            }
            int main(void) { for (int i = 0; i < 100; i++) child_of(body); return 0; }
            """,
            """
            assert totals["spawns"] == 400, totals
            assert totals["unreaped"] + totals["orphaned"] == 300, totals
            """)
    }
}
