// Every way to make a process, and what is none: creations MODE [COUNT], see lifecycle.h.
#include "lifecycle.h"

#include <sched.h>

static long by_fork(void) {
    pid_t pid = checked_fork();
    if (pid == 0) become("/bin/true");
    wait_for(pid);
    return 1;
}

static long by_fork_worker(void) {
    pid_t pid = checked_fork();
    if (pid == 0) _exit(0);
    wait_for(pid);
    return 1;
}

// The system call of that name; libc's fork is a clone.
static long by_fork_call(void) {
    pid_t pid = (pid_t)syscall(SYS_fork);
    if (pid < 0) workload_fail("fork", errno);
    if (pid == 0) become("/bin/true");
    wait_for(pid);
    return 1;
}

static long by_vfork(void) {
    pid_t pid = vfork();
    if (pid < 0) workload_fail("vfork", errno);
    if (pid == 0) become("/bin/true");
    wait_for(pid);
    return 1;
}

static long by_vfork_worker(void) {
    pid_t pid = vfork();
    if (pid < 0) workload_fail("vfork", errno);
    if (pid == 0) _exit(4);
    wait_for(pid);
    return 1;
}

static long by_posix_spawn(void) {
    workload_posix_spawn("/bin/true");
    return 1;
}

static long by_posix_spawn_actions(void) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    char *arguments[] = {"true", NULL};
    pid_t pid = 0;
    int error = posix_spawn(&pid, "/bin/true", &actions, NULL, arguments, environ);
    if (error != 0) workload_fail("posix_spawn", error);
    posix_spawn_file_actions_destroy(&actions);
    wait_for(pid);
    return 1;
}

static long clone3_once(struct clone_args arguments) {
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid < 0) workload_fail("clone3", errno);
    if (pid == 0) become("/bin/true");
    wait_for((pid_t)pid);
    return 1;
}

static long by_clone3_pidfd(void) {
    int descriptor = -1;
    clone3_once((struct clone_args){
        .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&descriptor, .exit_signal = SIGCHLD});
    close(descriptor);
    return 1;
}

static long by_clone3_vfork(void) {
    return clone3_once((struct clone_args){.flags = CLONE_VFORK, .exit_signal = SIGCHLD});
}

static long by_clone3_clear_sighand(void) {
    return clone3_once((struct clone_args){.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD});
}

// A child without an exit signal is waited for by __WALL alone.
static long by_clone3_without_signal(void) { return clone3_once((struct clone_args){.exit_signal = 0}); }

static long by_clone_files(void) {
    return clone3_once((struct clone_args){.flags = CLONE_FILES | CLONE_FS, .exit_signal = SIGCHLD});
}

static long by_clone_namespace(void) {
    return clone3_once((struct clone_args){.flags = CLONE_NEWUTS, .exit_signal = SIGCHLD});
}

// SPAWNSCOPE_CGROUP names a directory of a cgroup v2 tree in which a group can be made.
static long by_clone3_cgroup(void) {
    const char *parent = getenv("SPAWNSCOPE_CGROUP");
    if (parent == NULL) workload_fail("SPAWNSCOPE_CGROUP", ENOENT);
    char path[4200];
    if (snprintf(path, sizeof path, "%s/spawnscope-%d", parent, (int)getpid()) >= (int)sizeof path) return 0;
    if (mkdir(path, 0700) < 0) workload_fail(path, errno);
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) workload_fail(path, errno);
    clone3_once((struct clone_args){
        .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)descriptor});
    close(descriptor);
    if (rmdir(path) < 0) workload_fail(path, errno);
    return 1;
}

static int run_true(void *unused) {
    (void)unused;
    become("/bin/true");
}

// Shares the memory without stopping the spawner: neither a fork nor a vfork.
static long by_clone_memory(void) {
    static char stack[1 << 16] __attribute__((aligned(16)));
    int pid = clone(run_true, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
    if (pid < 0) workload_fail("clone", errno);
    wait_for(pid);
    return 1;
}

static long by_double_fork(void) {
    int pipe_ends[2];
    checked_pipe(pipe_ends);
    pid_t middle = checked_fork();
    if (middle == 0) {
        pid_t self = getpid();
        if (checked_fork() == 0) {
            wait_for_parent_to_end(self);
            become_shell("exit 3");
        }
        _exit(0);
    }
    wait_for(middle);
    wait_for_holders(pipe_ends);
    return 2;
}

static void start_daemon(int life_ms) {
    pid_t middle = checked_fork();
    if (middle == 0) {
        pid_t self = getpid();
        if (setsid() < 0) _exit(1);
        if (checked_fork() == 0) {
            wait_for_parent_to_end(self);
            pause_ms(life_ms);
            _exit(0);
        }
        _exit(0);
    }
    wait_for(middle);
}

static long by_daemon(void) {
    int pipe_ends[2];
    checked_pipe(pipe_ends);
    start_daemon(10);
    wait_for_holders(pipe_ends);
    return 2;
}

// The program ends first. It says how many it made all the same.
static long by_daemon_that_stays(void) {
    start_daemon(700);
    return 2;
}

static void *do_nothing(void *unused) { return unused; }

static long threads_only(void) {
    for (int index = 0; index < 5; index++) pthread_join(checked_thread(do_nothing, NULL), NULL);
    return 0;
}

static void *fork_once(void *unused) {
    by_fork();
    by_vfork();
    return unused;
}

static long from_a_thread(void) {
    pthread_t threads[3];
    for (int index = 0; index < 3; index++) threads[index] = checked_thread(fork_once, NULL);
    for (int index = 0; index < 3; index++) pthread_join(threads[index], NULL);
    return 6;
}

// The new process is its maker's sibling, and the grandparent's to reap.
static long by_clone_parent(void) {
    int pipe_ends[2];
    checked_pipe(pipe_ends);
    pid_t middle = checked_fork();
    if (middle == 0) {
        long pid = syscall(SYS_clone, CLONE_PARENT, 0, NULL, NULL, 0);
        if (pid < 0) _exit(1);
        if (pid == 0) {
            pause_ms(30);
            become_shell("exit 5");
        }
        int made = (int)pid;
        if (write(pipe_ends[1], &made, sizeof made) != (ssize_t)sizeof made) _exit(1);
        _exit(0);
    }
    int made = 0;
    if (read(pipe_ends[0], &made, sizeof made) != (ssize_t)sizeof made) workload_fail("read", errno);
    wait_for(middle);
    wait_for(made);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    return 2;
}

static long nested(void) {
    pid_t pid = checked_fork();
    if (pid == 0) {
        pid_t inner = checked_fork();
        if (inner == 0) {
            pid_t innermost = checked_fork();
            if (innermost == 0) become_shell("/bin/true; exit 2");
            wait_for(innermost);
            become("/bin/true");
        }
        wait_for(inner);
        _exit(1);
    }
    wait_for(pid);
    return 4;
}

static long refused(void) {
    // CLONE_SIGHAND needs CLONE_VM, and a thread needs CLONE_SIGHAND: EINVAL, clone(2). The latter asks for no process.
    if (syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, NULL, NULL, 0) >= 0) workload_fail("clone", 0);
    if (syscall(SYS_clone, CLONE_THREAD, 0, NULL, NULL, 0) >= 0) workload_fail("clone", 0);
    struct clone_args arguments = {.exit_signal = 200};
    if (syscall(SYS_clone3, &arguments, sizeof arguments) >= 0) workload_fail("clone3", 0);
    return by_fork();
}

static void take_signal(int number) { (void)number; }

// A fork that a signal interrupts is begun anew by the kernel, which is no failure.
static long interrupted(void) {
    struct sigaction action = {.sa_handler = take_signal, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    pid_t parent = getpid();
    pid_t sender = checked_fork();
    if (sender == 0) {
        for (int index = 0; index < 3000; index++) kill(parent, SIGUSR1);
        _exit(0);
    }
    for (int index = 0; index < 20; index++) by_fork_worker();
    wait_for(sender);
    return 21;
}

static const struct lifecycle_mode modes[] = {
    {"fork", by_fork},
    {"fork-worker", by_fork_worker},
    {"fork-call", by_fork_call},
    {"vfork", by_vfork},
    {"vfork-worker", by_vfork_worker},
    {"posix_spawn", by_posix_spawn},
    {"posix_spawn-actions", by_posix_spawn_actions},
    {"clone3-pidfd", by_clone3_pidfd},
    {"clone3-vfork", by_clone3_vfork},
    {"clone3-clear-sighand", by_clone3_clear_sighand},
    {"clone3-without-signal", by_clone3_without_signal},
    {"clone3-cgroup", by_clone3_cgroup},
    {"clone-files", by_clone_files},
    {"clone-memory", by_clone_memory},
    {"clone-namespace", by_clone_namespace},
    {"clone-parent", by_clone_parent},
    {"double-fork", by_double_fork},
    {"daemon", by_daemon},
    {"daemon-that-stays", by_daemon_that_stays},
    {"threads-only", threads_only},
    {"from-a-thread", from_a_thread},
    {"nested", nested},
    {"refused", refused},
    {"interrupted", interrupted},
};

int main(int argc, char **argv) { return run_modes(argc, argv, modes, sizeof modes / sizeof modes[0]); }
