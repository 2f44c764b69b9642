// What the C and C++ workloads share: reading a count, starting one program, waiting for it.
#ifndef SPAWNSCOPE_WORKLOAD_H
#define SPAWNSCOPE_WORKLOAD_H

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static inline void workload_fail(const char *what, int error) {
    fprintf(stderr, "%s: %s\n", what, strerror(error));
    exit(1);
}

/// The text as a count from 0 to a million; anything else ends the program with 64.
static inline long workload_count(const char *text) {
    char *end = NULL;
    errno = 0;
    long count = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || count < 0 || count > 1000000) {
        fprintf(stderr, "not a count from 0 to 1000000: %s\n", text);
        exit(64);
    }
    return count;
}

static inline void workload_wait(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) workload_fail("waitpid", errno);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "process %d ended with wait status 0x%x\n", (int)pid, (unsigned)status);
        exit(1);
    }
}

static inline void workload_posix_spawn(const char *program) {
    char *arguments[] = {(char *)program, NULL};
    pid_t pid = 0;
    int error = posix_spawn(&pid, program, NULL, NULL, arguments, environ);
    if (error != 0) workload_fail("posix_spawn", error);
    workload_wait(pid);
}

/// The line that every workload ends with.
static inline void workload_report(long spawns) { printf("spawned %ld\n", spawns); }

#endif
