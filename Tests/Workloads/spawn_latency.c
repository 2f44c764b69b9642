// Starts /bin/true COUNT times at a given rate and tells how long each start took, from the call to the end of the wait.
//
//     spawn_latency [-m posix_spawn|fork] [-r RATE] [-b MEBIBYTES] [-l] COUNT
//
//     -r RATE         spawns a second; 0, which is the default, is full speed
//     -b MEBIBYTES    resident memory that the program has before it starts, in small pages
//     -l              print a line with the time of each start first, in microseconds
//
// Prints {"spawns": N, "p50_us": …, "p99_us": …, "max_us": …, "late": …, "setup_s": …} and `spawned N`. A spawn is late when
// its turn came before the spawn before it was over: then the rate was not kept. Each turn is moved by up to a period at
// random, from a fixed seed, so that spawns stand in no fixed relation to the kernel's ticks. setup_s is CPU time from before
// the first spawn.

#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "workload.h"

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void sleep_until(int64_t end) {
    struct timespec time = {end / 1000000000, end % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {
    }
}

static void by_fork(void) {
    pid_t pid = fork();
    if (pid < 0) workload_fail("fork", errno);
    if (pid == 0) {
        char *arguments[] = {"/bin/true", NULL};
        execve(arguments[0], arguments, environ);
        _exit(127);
    }
    workload_wait(pid);
}

static int ascending(const void *left, const void *right) {
    int64_t first = *(const int64_t *)left, second = *(const int64_t *)right;
    return (first > second) - (first < second);
}

static void fill(long mebibytes) {
    size_t size = (size_t)mebibytes << 20;
    if (size == 0) return;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) workload_fail("mmap", errno);
    madvise(memory, size, MADV_NOHUGEPAGE);
    memset(memory, 1, size);
}

static int usage(void) {
    fprintf(stderr, "usage: spawn_latency [-m posix_spawn|fork] [-r RATE] [-b MEBIBYTES] [-l] COUNT\n");
    return 64;
}

int main(int argc, char **argv) {
    int forks = 0, lists = 0, option;
    long rate = 0, mebibytes = 0;
    while ((option = getopt(argc, argv, "m:r:b:l")) != -1) {
        if (option == 'r') {
            rate = workload_count(optarg);
        } else if (option == 'b') {
            mebibytes = workload_count(optarg);
        } else if (option == 'l') {
            lists = 1;
        } else if (option == 'm' && strcmp(optarg, "fork") == 0) {
            forks = 1;
        } else if (option != 'm' || strcmp(optarg, "posix_spawn") != 0) {
            return usage();
        }
    }
    if (optind + 1 != argc) return usage();
    long count = workload_count(argv[optind]), late = 0;
    int64_t *latencies = calloc((size_t)count + 1, sizeof *latencies);
    if (latencies == NULL) workload_fail("calloc", errno);
    fill(mebibytes);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    int64_t period = rate > 0 ? 1000000000 / rate : 0, begin = now();
    uint64_t random = 88172645463325252u;
    for (long round = 0; round < count; round++) {
        if (period > 0) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            int64_t turn = begin + round * period + (int64_t)(random % (uint64_t)period);
            if (now() > turn + period) late++;
            sleep_until(turn);
        }
        int64_t start = now();
        forks ? by_fork() : workload_posix_spawn("/bin/true");
        latencies[round] = now() - start;
    }
    for (long round = 0; lists && round < count; round++) printf("%.1f%c", latencies[round] / 1e3, round + 1 < count ? ' ' : '\n');
    qsort(latencies, (size_t)count, sizeof *latencies, ascending);
    if (count > 0) {
        printf("{\"spawns\": %ld, \"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f, \"late\": %ld, \"setup_s\": %.6f}\n", count,
               latencies[(count - 1) / 2] / 1e3, latencies[(count - 1) * 99 / 100] / 1e3, latencies[count - 1] / 1e3, late,
               used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    }
    workload_report(count);
    return 0;
}
