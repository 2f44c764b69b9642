// Runs a command and appends one JSON line to a file: what the command and all its waited-for descendants cost.
//
//     measure FILE COMMAND [ARGUMENT…]
//     {"wall_s": 1.234567, "user_s": 0.1, "system_s": 0.9, "peak_rss_kib": 1234, "status": 0}
//
// A recorder starts `measure`, and `measure` starts the workload: so the recorder's own start and end are not counted.
// Under a recorder this is one spawn more than the workload makes. Times come from wait4(2), in microseconds.
// peak_rss_kib is the largest resident set of any one of these processes, not their sum. Exits as the command did.

#define _GNU_SOURCE
#include <sys/resource.h>
#include <time.h>

#include "workload.h"

static double seconds(struct timeval value) { return (double)value.tv_sec + (double)value.tv_usec / 1e6; }

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: measure FILE COMMAND [ARGUMENT...]\n");
        return 64;
    }
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t pid = 0;
    int error = posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ);
    if (error != 0) workload_fail(argv[2], error);
    int status = 0;
    struct rusage usage;
    while (wait4(pid, &status, 0, &usage) < 0) {
        if (errno != EINTR) workload_fail("wait4", errno);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    FILE *output = fopen(argv[1], "a");
    if (output == NULL) workload_fail(argv[1], errno);
    fprintf(output, "{\"wall_s\": %.6f, \"user_s\": %.6f, \"system_s\": %.6f, \"peak_rss_kib\": %ld, \"status\": %d}\n",
            (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9,
            seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss, code);
    if (fclose(output) != 0) workload_fail(argv[1], errno);
    return code;
}
