// What the lifecycle workloads share. Each is a program with modes, one for each case of creating, executing, ending or reaping:
//
//     PROGRAM MODE [COUNT]
//
// runs the case COUNT times (default 1), one after the other, and ends with "spawned N" like every workload.
#ifndef SPAWNSCOPE_LIFECYCLE_H
#define SPAWNSCOPE_LIFECYCLE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "workload.h"

/// Runs the case once; the number of processes that it made, at any depth.
typedef long (*lifecycle_case)(void);

struct lifecycle_mode {
    const char *name;
    lifecycle_case run;
};

static inline pid_t checked_fork(void) {
    pid_t pid = fork();
    if (pid < 0) workload_fail("fork", errno);
    return pid;
}

/// Waits until the child ended, whatever its status.
static inline int wait_for(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, __WALL) < 0) {
        if (errno != EINTR) workload_fail("waitpid", errno);
    }
    return status;
}

/// On a machine that is emulated, everything but a pause takes longer: SPAWNSCOPE_PAUSES says how many times longer pauses are.
static inline long pause_factor(void) {
    const char *text = getenv("SPAWNSCOPE_PAUSES");
    return text == NULL ? 1 : workload_count(text);
}

static inline void pause_ms(long milliseconds) {
    milliseconds *= pause_factor();
    struct timespec left = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) < 0 && errno == EINTR) {
    }
}

/// The child becomes the program, or exits with 127.
static inline _Noreturn void become(const char *program) {
    char *arguments[] = {(char *)program, NULL};
    execve(program, arguments, environ);
    _exit(127);
}

/// The child becomes `/bin/sh -c COMMAND`, or exits with 127.
static inline _Noreturn void become_shell(const char *command) {
    char *arguments[] = {"sh", "-c", (char *)command, NULL};
    execve("/bin/sh", arguments, environ);
    _exit(127);
}

/// Blocks until every holder of the pipe's writing end has closed it, then gives the last of them time to be gone.
static inline void wait_for_holders(int pipe_ends[2]) {
    char byte = 0;
    close(pipe_ends[1]);
    while (read(pipe_ends[0], &byte, 1) < 0 && errno == EINTR) {
    }
    close(pipe_ends[0]);
    pause_ms(60);
}

static inline void checked_pipe(int pipe_ends[2]) {
    if (pipe(pipe_ends) < 0) workload_fail("pipe", errno);
}

/// A new process blocks here until its parent has ended and another process is its parent.
static inline void wait_for_parent_to_end(pid_t parent) {
    while (getppid() == parent) pause_ms(1);
    pause_ms(5);
}

/// Starts a thread, or ends the program.
static inline pthread_t checked_thread(void *(*body)(void *), void *argument) {
    pthread_t thread;
    int error = pthread_create(&thread, NULL, body, argument);
    if (error != 0) workload_fail("pthread_create", error);
    return thread;
}

static inline int run_modes(int argc, char **argv, const struct lifecycle_mode *modes, size_t mode_count) {
    for (size_t index = 0; argc >= 2 && index < mode_count; index++) {
        if (strcmp(argv[1], modes[index].name) != 0) continue;
        long count = argc > 2 ? workload_count(argv[2]) : 1;
        long spawns = 0;
        for (long round = 0; round < count; round++) spawns += modes[index].run();
        workload_report(spawns);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--modes") == 0) {
        for (size_t index = 0; index < mode_count; index++) puts(modes[index].name);
        return 0;
    }
    fprintf(stderr, "usage: %s MODE [COUNT]; %s --modes lists them\n", argv[0], argv[0]);
    return 64;
}

#endif
