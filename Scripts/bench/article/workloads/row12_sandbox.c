// Row 12b: starts a command plainly, with no_new_privs, with a seccomp filter as well, or in namespaces of its own.
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int gain_nothing(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

static int filter_calls(void) {
    // All calls are allowed; asking costs what it costs.
    struct sock_filter allow[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
    struct sock_fprog program = {1, allow};
    return gain_nothing() || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "plain";
    int count = argc > 2 ? atoi(argv[2]) : 1;
    long flags = SIGCHLD;
    if (strcmp(how, "namespaces") == 0) flags |= CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET;
    for (int i = 0; i < count; i++) {
        long child = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
        if (child == 0) {
            if (strcmp(how, "no_new_privs") == 0 && gain_nothing()) _exit(2);
            if (strcmp(how, "seccomp") == 0 && filter_calls()) _exit(3);
            execl("/bin/true", "true", (char *)NULL);
            _exit(4);
        }
        int status;
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
            perror(how);
            return 1;
        }
    }
    return 0;
}
