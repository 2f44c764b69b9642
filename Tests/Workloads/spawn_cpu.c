// Starts /bin/true COUNT times and tells what CPU time each start took, in the program and in its child.
//
//     spawn_cpu COUNT
//
// Prints one line of COUNT numbers, in microseconds, and `spawned N`. What a machine does meanwhile moves the mean of such
// numbers; their lower tenth is steady to 1%.

#define _GNU_SOURCE
#include <sys/resource.h>
#include <time.h>

#include "workload.h"

static double microseconds(struct timeval time) { return (double)time.tv_sec * 1e6 + (double)time.tv_usec; }

// The program's own by its clock, which is precise, and its children's as the kernel adds them up.
static double cpu(void) {
    struct timespec own;
    struct rusage children;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    return (double)own.tv_sec * 1e6 + (double)own.tv_nsec / 1e3 + microseconds(children.ru_utime)
        + microseconds(children.ru_stime);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: spawn_cpu COUNT\n");
        return 64;
    }
    long count = workload_count(argv[1]);
    double *taken = calloc((size_t)count + 1, sizeof *taken);
    if (taken == NULL) workload_fail("calloc", errno);
    for (long round = 0; round < count; round++) {
        double before = cpu();
        workload_posix_spawn("/bin/true");
        taken[round] = cpu() - before;
    }
    for (long round = 0; round < count; round++) printf("%s%.1f", round == 0 ? "" : " ", taken[round]);
    printf("\n");
    workload_report(count);
    return 0;
}
