// Starts /bin/true, or a command, COUNT times and tells what CPU time each took, in the program, in its child and in what that
// waited for.
//
//     spawn_cpu [-m posix_spawn|fork] [-b MEBIBYTES] [-p MICROSECONDS] COUNT [COMMAND [ARGUMENT…]]
//
//     -p MICROSECONDS a pause before each, which is not counted
//     -b MEBIBYTES    resident memory that the program has before it starts, in small pages
//
// Prints one line of COUNT numbers, in microseconds, and `spawned N`; what the command prints goes nowhere. What a machine does meanwhile moves the mean of such
// numbers; their lower tenth is steady to 1%.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
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

static void by_command(char **command) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid = 0;
    int code = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
    if (code != 0) workload_fail("posix_spawnp", code);
    posix_spawn_file_actions_destroy(&actions);
    workload_wait(pid);
}

static void fill(long mebibytes) {
    size_t size = (size_t)mebibytes << 20;
    if (size == 0) return;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) workload_fail("mmap", errno);
    madvise(memory, size, MADV_NOHUGEPAGE);
    for (size_t offset = 0; offset < size; offset += 4096) memory[offset] = 1;
}

static int usage(void) {
    fprintf(stderr, "usage: spawn_cpu [-m posix_spawn|fork] [-b MEBIBYTES] [-p MICROSECONDS] COUNT [COMMAND [ARGUMENT...]]\n");
    return 64;
}

int main(int argc, char **argv) {
    int forks = 0, option;
    long mebibytes = 0, pause = 0;
    while ((option = getopt(argc, argv, "+m:b:p:")) != -1) {
        if (option == 'b') {
            mebibytes = workload_count(optarg);
        } else if (option == 'p') {
            pause = workload_count(optarg);
        } else if (option == 'm' && strcmp(optarg, "fork") == 0) {
            forks = 1;
        } else if (option != 'm' || strcmp(optarg, "posix_spawn") != 0) {
            return usage();
        }
    }
    if (optind >= argc) return usage();
    char **command = argv + optind + 1;
    long count = workload_count(argv[optind]);
    double *taken = calloc((size_t)count + 1, sizeof *taken);
    if (taken == NULL) workload_fail("calloc", errno);
    fill(mebibytes);
    for (long round = 0; round < count; round++) {
        if (pause > 0) usleep((useconds_t)pause);
        double before = cpu();
        if (*command != NULL) {
            by_command(command);
        } else if (forks) {
            by_fork();
        } else {
            workload_posix_spawn("/bin/true");
        }
        taken[round] = cpu() - before;
    }
    for (long round = 0; round < count; round++) printf("%s%.1f", round == 0 ? "" : " ", taken[round]);
    printf("\n");
    workload_report(count);
    return 0;
}
