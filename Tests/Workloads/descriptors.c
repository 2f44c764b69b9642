// Starts /bin/true COUNT times, each by a child that first closes descriptors.
//
//     descriptors none|each|range COUNT [DESCRIPTORS]
//
//     each     one by one, 20000 unless DESCRIPTORS says otherwise, as old programs do up to the limit
//     range    the same by one close_range(2)
//     none     closes nothing, and is busy for as long as a child that does

#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>

#include "workload.h"

static void close_each(long count) {
    for (long number = 3; number < 3 + count; number++) close((int)number);
}

static void close_range_of(long count) { syscall(SYS_close_range, 3u, (unsigned)(3 + count), 0u); }

static void be_busy(long count) {
    // Some 100 ns for each, which is about what a close takes.
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long end = now.tv_sec * 1000000000LL + now.tv_nsec + count * 100LL;
    do clock_gettime(CLOCK_MONOTONIC, &now);
    while (now.tv_sec * 1000000000LL + now.tv_nsec < end);
}

int main(int argc, char **argv) {
    void (*prepare)(long) = NULL;
    if (argc > 2 && strcmp(argv[1], "each") == 0) prepare = close_each;
    if (argc > 2 && strcmp(argv[1], "range") == 0) prepare = close_range_of;
    if (argc > 2 && strcmp(argv[1], "none") == 0) prepare = be_busy;
    if (prepare == NULL) {
        fprintf(stderr, "usage: descriptors none|each|range COUNT [DESCRIPTORS]\n");
        return 64;
    }
    long count = workload_count(argv[2]);
    long descriptors = argc > 3 ? workload_count(argv[3]) : 20000;
    char *arguments[] = {(char *)"/bin/true", NULL};
    for (long round = 0; round < count; round++) {
        pid_t pid = fork();
        if (pid < 0) workload_fail("fork", errno);
        if (pid == 0) {
            prepare(descriptors);
            execve(arguments[0], arguments, environ);
            _exit(127);
        }
        workload_wait(pid);
    }
    workload_report(count);
    return 0;
}
