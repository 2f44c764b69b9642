// Every way that a process ends: endings MODE [COUNT], see lifecycle.h.
#include "lifecycle.h"

/// Runs the body in a forked child that exits with 99 if it returns, and reaps the child.
static long in_child(void (*body)(void)) {
    pid_t pid = checked_fork();
    if (pid == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        body();
        _exit(99);
    }
    wait_for(pid);
    return 1;
}

static long codes(void) {
    static const int values[] = {0, 1, 2, 7, 126, 127, 128, 137, 255};
    for (size_t index = 0; index < sizeof values / sizeof values[0]; index++) {
        pid_t pid = checked_fork();
        if (pid == 0) _exit(values[index]);
        wait_for(pid);
    }
    return (long)(sizeof values / sizeof values[0]);
}

// Only the low eight bits are the exit code.
static void exit_wide(void) { syscall(SYS_exit_group, 0x107L); }
static void exit_negative(void) { syscall(SYS_exit_group, -1L); }
static void exit_one_thread(void) { syscall(SYS_exit, 11L); }
static void exit_of_program(void) { become_shell("exit 42"); }
static void killed_program(void) { become_shell("kill -TERM $$"); }

static long code_shapes(void) {
    return in_child(exit_wide) + in_child(exit_negative) + in_child(exit_one_thread) + in_child(exit_of_program) +
           in_child(killed_program);
}

static long signals(void) {
    static const int values[] = {SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2,
        SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSYS, 34, 64};
    for (size_t index = 0; index < sizeof values / sizeof values[0]; index++) {
        pid_t pid = checked_fork();
        if (pid == 0) {
            struct rlimit none = {0, 0};
            setrlimit(RLIMIT_CORE, &none);
            // Who was started in the background by a shell ignores some.
            signal(values[index], SIG_DFL);
            syscall(SYS_tgkill, getpid(), getpid(), values[index]);
            pause_ms(60000);
        }
        wait_for(pid);
    }
    return (long)(sizeof values / sizeof values[0]);
}

static void fault(void) {
    volatile uintptr_t nowhere = 8;  // volatile: the compiler must not see that this faults
    *(volatile int *)nowhere = 1;
}

static void divide(void) {
    volatile int zero = 0;
    volatile int quotient = 1 / zero;
    (void)quotient;
}

static void alarm_rings(void) {
    alarm(1);
    struct itimerval soon = {.it_value = {.tv_usec = 2000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    pause_ms(60000);
}

static long faults(void) { return in_child(fault) + in_child(divide) + in_child(alarm_rings) + in_child(abort); }

static void killed_by_parent(int number) {
    pid_t pid = checked_fork();
    if (pid == 0) pause_ms(60000);
    pause_ms(3);
    kill(pid, number);
    wait_for(pid);
}

static long before_exec(void) {
    killed_by_parent(SIGKILL);
    killed_by_parent(SIGTERM);
    pid_t pid = vfork();
    if (pid == 0) {
        syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGKILL);
        _exit(1);
    }
    wait_for(pid);
    return 3;
}

static void fail_and_die(void) {
    char *arguments[] = {"x", NULL};
    execve("/nonexistent/program", arguments, environ);
    raise(SIGTERM);
}

static long after_failure(void) { return in_child(fail_and_die); }

static void *sleep_long(void *unused) {
    pause_ms(60000);
    return unused;
}

static void *exit_with_five(void *unused) {
    exit(5);
    return unused;
}

static void *fault_in_thread(void *unused) {
    fault();
    return unused;
}

static void *last_thread(void *unused) {
    pause_ms(10);
    return unused;
}

static void *last_thread_leaves(void *unused) {
    pause_ms(10);
    syscall(SYS_exit, 13L);
    return unused;
}

static void *last_thread_with_code(void *unused) {
    pause_ms(10);
    exit(9);
    return unused;
}

// The other threads end by the kernel's SIGKILL, which is not what ended the process.
static void thread_exits(void) {
    checked_thread(sleep_long, NULL);
    checked_thread(sleep_long, NULL);
    checked_thread(exit_with_five, NULL);
    pause_ms(60000);
}

static void leader_exits_with_threads(void) {
    checked_thread(sleep_long, NULL);
    checked_thread(sleep_long, NULL);
    pause_ms(3);
    exit(6);
}

static void thread_faults(void) {
    checked_thread(sleep_long, NULL);
    checked_thread(fault_in_thread, NULL);
    pause_ms(60000);
}

static void killed_with_threads(void) {
    checked_thread(sleep_long, NULL);
    checked_thread(sleep_long, NULL);
    pause_ms(3);
    kill(getpid(), SIGTERM);
    pause_ms(60000);
}

static void leader_leaves_first(void) {
    checked_thread(last_thread, NULL);
    pthread_exit(NULL);
}

// When the threads leave one by one, the last one's code is the process's; on kernels before 5.17 the leader's.
static void leader_leaves_with_code(void) {
    checked_thread(last_thread_leaves, NULL);
    syscall(SYS_exit, 12L);
}

static void leader_leaves_then_group_exit(void) {
    checked_thread(last_thread_with_code, NULL);
    pthread_exit(NULL);
}

static long threads(void) {
    return in_child(thread_exits) + in_child(leader_exits_with_threads) + in_child(thread_faults) + in_child(killed_with_threads) +
           in_child(leader_leaves_first) + in_child(leader_leaves_with_code) + in_child(leader_leaves_then_group_exit);
}

// A stop and its continuation are reported by wait, and end nothing.
static long stopped(void) {
    pid_t pid = checked_fork();
    if (pid == 0) {
        raise(SIGSTOP);
        _exit(8);
    }
    int status = 0;
    if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status)) workload_fail("no stop", 0);
    kill(pid, SIGCONT);
    wait_for(pid);
    return 1;
}

static long stopped_and_killed(void) {
    pid_t pid = checked_fork();
    if (pid == 0) {
        raise(SIGTSTP);
        raise(SIGSTOP);
        _exit(8);
    }
    siginfo_t information;
    if (waitid(P_PID, (id_t)pid, &information, WSTOPPED) < 0) workload_fail("waitid", errno);
    kill(pid, SIGKILL);
    wait_for(pid);
    return 1;
}

// Delivered with the default action, which does nothing.
static void ignore_by_default(void) {
    static const int values[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    for (size_t index = 0; index < sizeof values / sizeof values[0]; index++) raise(values[index]);
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    _exit(0);
}

static void take_signal(int number) { (void)number; }

static void handle(void) {
    signal(SIGTERM, take_signal);
    signal(SIGUSR1, SIG_IGN);
    raise(SIGTERM);
    raise(SIGUSR1);
    _exit(2);
}

static void leave_in_handler(int number) { _exit(number); }

static void exit_from_handler(void) {
    signal(SIGTERM, leave_in_handler);
    raise(SIGTERM);
}

static long harmless(void) { return in_child(ignore_by_default) + in_child(handle) + in_child(exit_from_handler); }

static const struct lifecycle_mode modes[] = {
    {"codes", codes},
    {"code-shapes", code_shapes},
    {"signals", signals},
    {"faults", faults},
    {"killed-before-exec", before_exec},
    {"killed-after-failure", after_failure},
    {"threads", threads},
    {"stopped", stopped},
    {"stopped-and-killed", stopped_and_killed},
    {"harmless-signals", harmless},
};

int main(int argc, char **argv) { return run_modes(argc, argv, modes, sizeof modes / sizeof modes[0]); }
