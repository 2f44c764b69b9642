// Calls that are denied, by a filter (seccomp) or a limit: denied MODE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void refuse(const long *calls, unsigned count, uint32_t answer) {
    struct sock_filter code[16] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    unsigned length = 1;
    for (unsigned i = 0; i < count; i++)
        code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i], (uint8_t)(count - i), 0);
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer);
    struct sock_fprog program = {(unsigned short)length, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) exit(2);
}

static const long executing[] = {SYS_execve, SYS_execveat};
static const long creating[] = {SYS_fork, SYS_vfork, SYS_clone, SYS_clone3};

/// A child that refuses itself something, and what it does then.
static void child_that(uint32_t answer, const long *calls, unsigned count, void (*act)(void)) {
    pid_t child = fork();
    if (child == 0) {
        refuse(calls, count, answer);
        act();
        _exit(3);
    }
    waitpid(child, NULL, 0);
}

static void execute(void) {
    execl("/bin/true", "true", (char *)0);
    execl("/nonexistent/true", "true", (char *)0);
}
static void make_children(void) {
    if (fork() == 0) _exit(0);
    if (vfork() == 0) _exit(0);
    char *arguments[] = {"true", NULL};
    pid_t child;
    if (posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ) == 0) waitpid(child, NULL, 0);
}
static void handle(int signal) { (void)signal; }
static void execute_with_handler(void) {
    signal(SIGSYS, handle);
    execl("/bin/true", "true", (char *)0);
}

int main(int count, char **arguments) {
    const char *mode = count > 1 ? arguments[1] : "";
    if (strcmp(mode, "exec-errno") == 0) {
        child_that(SECCOMP_RET_ERRNO | EPERM, executing, 2, execute);
        child_that(SECCOMP_RET_ERRNO | EACCES, executing, 1, execute);
    } else if (strcmp(mode, "exec-kill") == 0) {
        child_that(SECCOMP_RET_KILL_PROCESS, executing, 2, execute);
        child_that(SECCOMP_RET_KILL_THREAD, executing, 2, execute);
    } else if (strcmp(mode, "exec-trap") == 0) {
        child_that(SECCOMP_RET_TRAP, executing, 2, execute);
        child_that(SECCOMP_RET_TRAP, executing, 2, execute_with_handler);
    } else if (strcmp(mode, "fork-errno") == 0) {
        child_that(SECCOMP_RET_ERRNO | EPERM, creating, 4, make_children);
        child_that(SECCOMP_RET_ERRNO | ENOSYS, creating + 3, 1, make_children);
    } else if (strcmp(mode, "fork-kill") == 0) {
        child_that(SECCOMP_RET_KILL_PROCESS, creating, 4, make_children);
    } else if (strcmp(mode, "wait-errno") == 0) {
        static const long waiting[] = {SYS_wait4, SYS_waitid};
        if (fork() == 0) {
            refuse(waiting, 2, SECCOMP_RET_ERRNO | EPERM);
            if (fork() == 0) _exit(0);
            usleep(20000);
            waitpid(-1, NULL, 0);
            _exit(0);
        }
        wait(NULL);
    } else if (strcmp(mode, "limit") == 0) {
        pid_t child = fork();
        if (child == 0) {
            struct rlimit none = {0, 0};
            if (setrlimit(RLIMIT_NPROC, &none) != 0 || setgid(65534) != 0 || setuid(65534) != 0) _exit(2);
            make_children();
            execl("/root/nothing", "nothing", (char *)0);
            execl("/etc/passwd", "passwd", (char *)0);
            execl("/tmp", "tmp", (char *)0);
            _exit(3);
        }
        waitpid(child, NULL, 0);
    } else {
        fprintf(stderr, "modes: exec-errno exec-kill exec-trap fork-errno fork-kill wait-errno limit\n");
        return 64;
    }
    return 0;
}
