// Two processes that each start /bin/true at full speed, at once: the highest spawn rate of a small machine.
//
//     two_loops COUNT        makes 2 * COUNT + 2 spawns: the two workers are forked and never exec
//     two_loops SECONDSs     starts programs for so long: `two_loops 60s`

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "workload.h"

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void worker(long count, double end, volatile long *made) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // who kills the loops has both by one pid
    while (end > 0 ? now() < end : *made < count) {
        workload_posix_spawn("/bin/true");
        ++*made;
    }
    _exit(0);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: two_loops COUNT|SECONDSs\n");
        return 64;
    }
    size_t length = strlen(argv[1]);
    double end = 0;
    if (length > 1 && argv[1][length - 1] == 's') {
        argv[1][length - 1] = 0;
        end = now() + workload_count(argv[1]);
    }
    long count = workload_count(argv[1]);
    long *made = mmap(NULL, 2 * sizeof *made, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) workload_fail("mmap", errno);
    pid_t workers[2];
    for (int index = 0; index < 2; index++) {
        workers[index] = fork();
        if (workers[index] < 0) workload_fail("fork", errno);
        if (workers[index] == 0) worker(count, end, &made[index]);
    }
    for (int index = 0; index < 2; index++) workload_wait(workers[index]);
    workload_report(made[0] + made[1] + 2);
    return 0;
}
