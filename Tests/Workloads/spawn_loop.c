// Starts a program COUNT times, one after the other, by one of the ways that Linux has.
//
//     spawn_loop [-m posix_spawn|posix_spawnp|fork|vfork|clone3|system|popen] COUNT [PROGRAM]
//
// posix_spawnp searches the last component of PROGRAM along PATH.
// Each round is one spawn: system() and popen() start a shell, which the program replaces by `exec`.

#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "workload.h"

static void replace_by(const char *program) {
    char *arguments[] = {(char *)program, NULL};
    execve(program, arguments, environ);
    _exit(127);
}

static void by_fork(const char *program) {
    pid_t pid = fork();
    if (pid < 0) workload_fail("fork", errno);
    if (pid == 0) replace_by(program);
    workload_wait(pid);
}

static void by_vfork(const char *program) {
    pid_t pid = vfork();
    if (pid < 0) workload_fail("vfork", errno);
    if (pid == 0) replace_by(program);
    workload_wait(pid);
}

static void by_clone3(const char *program) {
    struct clone_args arguments = {.exit_signal = SIGCHLD};
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid < 0) workload_fail("clone3", errno);
    if (pid == 0) replace_by(program);
    workload_wait((pid_t)pid);
}

static void shell_command(const char *program, char *command, size_t size) {
    int length = snprintf(command, size, "exec '%s'", program);
    if (length < 0 || (size_t)length >= size) workload_fail(program, ENAMETOOLONG);
}

static void by_system(const char *program) {
    char command[4200];
    shell_command(program, command, sizeof command);
    if (system(command) != 0) workload_fail("system", errno);
}

static void by_popen(const char *program) {
    char command[4200];
    shell_command(program, command, sizeof command);
    FILE *stream = popen(command, "r");
    if (stream == NULL) workload_fail("popen", errno);
    while (fgetc(stream) != EOF) {
    }
    if (pclose(stream) != 0) workload_fail("pclose", errno);
}

static void by_search(const char *program) {
    const char *slash = strrchr(program, '/');
    const char *name = slash == NULL ? program : slash + 1;
    char *arguments[] = {(char *)name, NULL};
    pid_t pid;
    int error = posix_spawnp(&pid, name, NULL, NULL, arguments, environ);
    if (error != 0) workload_fail(name, error);
    workload_wait(pid);
}

static const struct {
    const char *name;
    void (*start)(const char *program);
} methods[] = {
    {"posix_spawn", workload_posix_spawn}, {"fork", by_fork},     {"vfork", by_vfork},
    {"clone3", by_clone3},                 {"system", by_system}, {"popen", by_popen},
    {"posix_spawnp", by_search},
};

int main(int argc, char **argv) {
    void (*start)(const char *program) = workload_posix_spawn;
    int option;
    while ((option = getopt(argc, argv, "m:")) != -1) {
        start = NULL;
        for (size_t index = 0; option == 'm' && index < sizeof methods / sizeof methods[0]; index++) {
            if (strcmp(optarg, methods[index].name) == 0) start = methods[index].start;
        }
        if (start == NULL) {
            fprintf(stderr, "usage: spawn_loop [-m posix_spawn|posix_spawnp|fork|vfork|clone3|system|popen] COUNT [PROGRAM]\n");
            return 64;
        }
    }
    if (optind >= argc) {
        fprintf(stderr, "spawn_loop: COUNT is missing\n");
        return 64;
    }
    long count = workload_count(argv[optind]);
    const char *program = optind + 1 < argc ? argv[optind + 1] : "/bin/true";
    for (long round = 0; round < count; round++) start(program);
    workload_report(count);
    return 0;
}
