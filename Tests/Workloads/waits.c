// Every way to reap a process, and not to: waits MODE [COUNT], see lifecycle.h.
#include "lifecycle.h"

static const char *program;  // argv[0] of this program, to execute itself

static pid_t start(int code) {
    pid_t pid = checked_fork();
    if (pid == 0) _exit(code);
    return pid;
}

static void check(int result, const char *what) {
    if (result < 0) workload_fail(what, errno);
}

static long by_pid(void) {
    wait_for(start(1));
    return 1;
}

static long by_any(void) {
    for (int code = 0; code < 4; code++) start(code);
    for (int code = 0; code < 4; code++) check(wait(NULL), "wait");
    return 4;
}

static long by_group(void) {
    pid_t leader = checked_fork();
    if (leader == 0) {
        setpgid(0, 0);
        pause_ms(20);
        _exit(3);
    }
    setpgid(leader, leader);
    check(waitpid(-leader, NULL, 0), "waitpid");
    start(4);
    check(waitpid(0, NULL, 0), "waitpid");
    leader = checked_fork();
    if (leader == 0) {
        setpgid(0, 0);
        pause_ms(20);
        _exit(5);
    }
    setpgid(leader, leader);
    siginfo_t information;
    check(waitid(P_PGID, (id_t)leader, &information, WEXITED), "waitid");
    return 3;
}

// P_PIDFD of wait.h, which glibc has from 2.36 on.
static const int process_descriptor = 3;

static long by_pidfd(void) {
    pid_t pid = start(6);
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    check(descriptor, "pidfd_open");
    siginfo_t information;
    check(waitid((idtype_t)process_descriptor, (id_t)descriptor, &information, WEXITED), "waitid");
    close(descriptor);
    return 1;
}

static long by_waitid_pid(void) {
    siginfo_t information;
    check(waitid(P_PID, (id_t)start(7), &information, WEXITED), "waitid");
    return 1;
}

static long by_waitid_all(void) {
    siginfo_t information;
    start(8);
    check(waitid(P_ALL, 0, &information, WEXITED), "waitid");
    return 1;
}

// All are zombies before the first wait: which one a wait took is in its answer alone.
static long by_waitid_all_of_many(void) {
    siginfo_t information;
    for (int code = 0; code < 4; code++) start(code);
    pause_ms(30);
    for (int code = 0; code < 3; code++) check(waitid(P_ALL, 0, &information, WEXITED), "waitid");
    check(wait(NULL), "wait");
    return 4;
}

static long look_then_wait(void) {
    siginfo_t information;
    pid_t pid = start(9);
    check(waitid(P_PID, (id_t)pid, &information, WEXITED | WNOWAIT), "waitid");
    check(waitid(P_ALL, 0, &information, WEXITED | WNOWAIT), "waitid");
    pause_ms(5);
    wait_for(pid);
    return 1;
}

// Looked at, and left.
static long look_only(void) {
    siginfo_t information;
    pid_t pid = checked_fork();
    if (pid == 0) {
        check(waitid(P_PID, (id_t)start(1), &information, WEXITED | WNOWAIT), "waitid");
        _exit(2);
    }
    wait_for(pid);
    return 2;
}

static long polled(void) {
    pid_t pid = checked_fork();
    if (pid == 0) {
        pause_ms(20);
        _exit(1);
    }
    while (waitpid(pid, NULL, WNOHANG) == 0) pause_ms(1);
    pid = checked_fork();
    if (pid == 0) {
        pause_ms(20);
        _exit(2);
    }
    siginfo_t information = {.si_pid = 0};
    while (waitid(P_PID, (id_t)pid, &information, WEXITED | WNOHANG) == 0 && information.si_pid == 0) pause_ms(1);
    return 2;
}

// Both are zombies when the program ends.
static long never(void) {
    start(0);
    pid_t pid = checked_fork();
    if (pid == 0) become("/bin/true");
    pause_ms(40);
    return 2;
}

// Their parent ends before the program, and leaves them to init.
static long never_nested(void) {
    pid_t pid = checked_fork();
    if (pid == 0) {
        start(3);
        start(4);
        pause_ms(30);
        _exit(0);
    }
    wait_for(pid);
    pause_ms(20);
    return 3;
}

// The same, but an ancestor of theirs inherits and reaps them: unreaped by the parent that should have.
static long never_nested_with_subreaper(void) {
    check(prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl");
    pid_t pid = checked_fork();
    if (pid == 0) {
        start(3);
        start(4);
        pause_ms(30);
        _exit(0);
    }
    wait_for(pid);
    while (wait(NULL) > 0) {
    }
    return 3;
}

static void make_orphan(void) {
    pid_t pid = checked_fork();
    if (pid == 0) {
        pid_t self = getpid();
        if (checked_fork() == 0) {
            wait_for_parent_to_end(self);
            become("/bin/true");
        }
        _exit(0);
    }
    wait_for(pid);
}

static long orphan(void) {
    int pipe_ends[2];
    checked_pipe(pipe_ends);
    make_orphan();
    wait_for_holders(pipe_ends);
    return 2;
}

static long orphan_with_subreaper(void) {
    check(prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl");
    make_orphan();
    check(wait(NULL), "wait");
    return 2;
}

static long still_running(void) {
    pid_t pid = checked_fork();
    if (pid == 0) pause_ms(700);
    if (pid == 0) _exit(0);
    return 1;
}

static long sigchld_ignored(void) {
    signal(SIGCHLD, SIG_IGN);
    start(1);
    pid_t pid = checked_fork();
    if (pid == 0) become_shell("exit 2");
    while (wait(NULL) > 0) {
    }
    signal(SIGCHLD, SIG_DFL);
    return 2;
}

// Being ignored survives an exec, SA_NOCLDWAIT does not.
static void start_after_exec(void) {
    char *arguments[] = {(char *)program, "never", NULL};
    execve(program, arguments, environ);
    _exit(127);
}

static long sigchld_ignored_before_exec(void) {
    pid_t pid = checked_fork();
    if (pid == 0) {
        signal(SIGCHLD, SIG_IGN);
        start_after_exec();
    }
    wait_for(pid);
    return 3;
}

static long no_child_wait_before_exec(void) {
    pid_t pid = checked_fork();
    if (pid == 0) {
        struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
        sigaction(SIGCHLD, &action, NULL);
        start_after_exec();
    }
    wait_for(pid);
    return 3;
}

static long no_child_wait(void) {
    struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT}, former;
    sigaction(SIGCHLD, &action, &former);
    start(1);
    while (wait(NULL) > 0) {
    }
    sigaction(SIGCHLD, &former, NULL);
    return 1;
}

// Ignored only after it ended: it stays a zombie.
static long ignored_too_late(void) {
    pid_t pid = checked_fork();
    if (pid == 0) {
        start(1);
        pause_ms(20);
        signal(SIGCHLD, SIG_IGN);
        _exit(0);
    }
    wait_for(pid);
    pause_ms(5);
    return 2;
}

static void reap_all(int number) {
    int former = errno;
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    errno = former;
}

static long by_handler(void) {
    struct sigaction action = {.sa_handler = reap_all, .sa_flags = SA_RESTART | SA_NOCLDSTOP}, former;
    sigaction(SIGCHLD, &action, &former);
    for (int code = 0; code < 4; code++) start(code);
    pause_ms(60);
    sigaction(SIGCHLD, &former, NULL);
    return 4;
}

static pid_t handed_over;

static void *wait_for_it(void *unused) {
    wait_for(handed_over);
    return unused;
}

static long by_another_thread(void) {
    handed_over = checked_fork();
    if (handed_over == 0) {
        pause_ms(10);
        _exit(1);
    }
    pthread_join(checked_thread(wait_for_it, NULL), NULL);
    return 1;
}

static const struct lifecycle_mode modes[] = {
    {"by-pid", by_pid},
    {"by-any", by_any},
    {"by-group", by_group},
    {"by-pidfd", by_pidfd},
    {"waitid-pid", by_waitid_pid},
    {"waitid-all", by_waitid_all},
    {"waitid-all-of-many", by_waitid_all_of_many},
    {"look-then-wait", look_then_wait},
    {"look-only", look_only},
    {"polled", polled},
    {"never", never},
    {"never-nested", never_nested},
    {"never-nested-with-subreaper", never_nested_with_subreaper},
    {"orphan", orphan},
    {"orphan-with-subreaper", orphan_with_subreaper},
    {"still-running", still_running},
    {"sigchld-ignored", sigchld_ignored},
    {"sigchld-ignored-before-exec", sigchld_ignored_before_exec},
    {"sigchld-nocldwait-before-exec", no_child_wait_before_exec},
    {"sigchld-nocldwait", no_child_wait},
    {"sigchld-ignored-too-late", ignored_too_late},
    {"by-handler", by_handler},
    {"by-another-thread", by_another_thread},
};

int main(int argc, char **argv) {
    program = argv[0];
    return run_modes(argc, argv, modes, sizeof modes / sizeof modes[0]);
}
