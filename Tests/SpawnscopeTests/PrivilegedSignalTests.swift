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
        #include <sched.h>
        #include <signal.h>
        #include <stdlib.h>
        #include <sys/prctl.h>
        #include <sys/wait.h>
        #include <time.h>
        #include <unistd.h>
        static void pin(void) {
          cpu_set_t set;
          CPU_ZERO(&set);
          CPU_SET(0, &set);
          sched_setaffinity(0, sizeof set, &set);
        }
        static pid_t start(void (*body)(pid_t), pid_t other) {
          pid_t pid = fork();
          if (pid == 0) { body(other); _exit(0); }
          return pid;
        }
        static void sleeps(pid_t other) { (void)other; sleep(20); }
        static void aborts(pid_t other) { (void)other; abort(); }
        static void faults(pid_t other) { (void)other; *(volatile int *)8 = 1; }
        static void alarms(pid_t other) { (void)other; pin(); alarm(1); for (;;) ; }
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
        static void is_timed(pid_t other) {
          timer_t timer;
          struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM};
          struct itimerspec when = {.it_value = {.tv_nsec = 100000000}};
          (void)other;
          pin();
          timer_create(CLOCK_MONOTONIC, &event, &timer);
          timer_settime(timer, 0, &when, NULL);
          sleep(20);
        }
        /* The timer's interrupt comes while the parent has the CPU. */
        __attribute__((noinline)) static void by_timer(void) {
          pid_t pid = start(is_timed, 0);
          struct timespec now, end;
          pin();
          clock_gettime(CLOCK_MONOTONIC, &end);
          end.tv_sec++;
          do clock_gettime(CLOCK_MONOTONIC, &now); while (now.tv_sec < end.tv_sec);
          wait_for(pid);
        }
        int main(void) {
          by_parent();
          by_sibling();
          wait_for(start(aborts, 0));
          wait_for(start(faults, 0));
          wait_for(start(alarms, 0));
          wait_for(start(leaves, 0));
          by_timer();
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
                            14: ("kernel", None), 9: ("parent", "program"), 26: ("kernel", None)}, said
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
                "1 SIGVTALRM of the kernel",
            ], "\(text)")
    }
}
