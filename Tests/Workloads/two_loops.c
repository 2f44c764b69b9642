// Two processes that each start /bin/true COUNT times at full speed, at once: the highest spawn rate of a small machine.
//
//     two_loops COUNT        makes 2 * COUNT + 2 spawns: the two workers are forked and never exec

#include <signal.h>
#include <sys/prctl.h>

#include "workload.h"

static void worker(long count) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // who kills the loops has both by one pid
    for (long round = 0; round < count; round++) workload_posix_spawn("/bin/true");
    _exit(0);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: two_loops COUNT\n");
        return 64;
    }
    long count = workload_count(argv[1]);
    pid_t workers[2];
    for (int index = 0; index < 2; index++) {
        workers[index] = fork();
        if (workers[index] < 0) workload_fail("fork", errno);
        if (workers[index] == 0) worker(count);
    }
    for (int index = 0; index < 2; index++) workload_wait(workers[index]);
    workload_report(2 * count + 2);
    return 0;
}
