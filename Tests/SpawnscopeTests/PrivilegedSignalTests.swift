import TestSupport
import Testing

/// Who sent the signals that ended spawns.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedSignalTests {
    private let directory = FoldDirectory()

    private static let source = """
        #define _GNU_SOURCE
        #include <signal.h>
        #include <stdlib.h>
        #include <sys/prctl.h>
        #include <sys/wait.h>
        #include <unistd.h>
        static pid_t start(void (*body)(pid_t), pid_t other) {
          pid_t pid = fork();
          if (pid == 0) { body(other); _exit(0); }
          return pid;
        }
        static void sleeps(pid_t other) { (void)other; sleep(20); }
        static void aborts(pid_t other) { (void)other; abort(); }
        static void faults(pid_t other) { (void)other; *(volatile int *)8 = 1; }
        static void alarms(pid_t other) { (void)other; alarm(1); for (;;) ; }
        static void kills(pid_t other) { kill(other, SIGTERM); }
        static void dies_with_parent(pid_t other) { (void)other; prctl(PR_SET_PDEATHSIG, SIGKILL); sleep(20); }
        static void leaves(pid_t other) { (void)other; start(dies_with_parent, 0); usleep(200000); }
        __attribute__((noinline)) static void wait_for(pid_t pid) { int status; waitpid(pid, &status, 0); __asm__ volatile(""); }
        __attribute__((noinline)) static void by_parent(void) {
          pid_t pid = start(sleeps, 0);
          kill(pid, SIGUSR1);
          wait_for(pid);
        }
        __attribute__((noinline)) static void by_sibling(void) {
          pid_t pid = start(sleeps, 0);
          wait_for(start(kills, pid));
          wait_for(pid);
        }
        int main(void) {
          by_parent();
          by_sibling();
          wait_for(start(aborts, 0));
          wait_for(start(faults, 0));
          wait_for(start(alarms, 0));
          wait_for(start(leaves, 0));
          return 0;
        }
        """

    @Test func everySender() throws {
        let program = try Compiler.program(Self.source, ["-O1", "-g"], in: directory.path)
        let session = directory.path + "/s.data"
        let run = try ProgramRun(
            PerfPrivileges.program, "record", "--wait-for-all", "-o", session, "--", program)
        #expect(run.status == 0, "\(run.error)")
        let json = try ProgramRun(PerfPrivileges.program, "report", "--format", "json", "--spawns", session).output
        let script = """
            spawns = report["spawns"]
            ended = {spawn["signal"]: spawn for spawn in spawns if "signal" in spawn}
            said = {number: (spawn.get("signal_from"), spawn.get("signal_from_comm")) for number, spawn in ended.items()}
            assert said == {10: ("parent", "program"), 15: ("other", "program"), 6: ("itself", "program"), 11: ("kernel", None),
                            14: ("kernel", None), 9: ("parent", "program")}, said
            pids = {spawn["pid"] for spawn in spawns}
            assert ended[15]["signal_from_pid"] in pids and ended[10]["signal_from_pid"] == ended[10]["ppid"], ended
            assert ended[9]["orphaned"] and ended[9]["signal_from_pid"] == ended[9]["ppid"], ended[9]
            ends = {end["signal"]: (end["spawns"], end["from"]) for end in report["signals"]}
            assert ends == {number: (1, sender) for number, (sender, _) in said.items()}, ends
            """
        #expect(try ReportChecker.problems(json, script, in: directory.path) == "")
        let text = try ProgramRun(PerfPrivileges.program, "report", "--all", session).output
        let lines = text.split(separator: "\n").filter { $0.contains(" SIG") }.map {
            $0.split(separator: " ").dropLast(3).joined(separator: " ")
        }
        #expect(
            Set(lines) == [
                "1 SIGUSR1 of its parent program", "1 SIGTERM of program", "1 SIGABRT of its own",
                "1 SIGSEGV of the kernel", "1 SIGALRM of the kernel", "1 SIGKILL of its parent program",
            ], "\(text)")
    }
}
