// Runs a command and appends one JSON line to a file: what the command and all its waited-for descendants cost.
//
//     measure FILE COMMAND [ARGUMENT…]
//     {"wall_s": 1.234567, "user_s": 0.1, "system_s": 0.9, "peak_rss_kib": 1234, "processes": 3, "machine_s": 1.11, "status": 0}
//
// A recorder starts `measure`, and `measure` starts the workload: so the recorder's own start and end are not counted.
// Under a recorder this is one spawn more than the workload makes. Times come from wait4(2), in microseconds.
// peak_rss_kib is the largest resident set of any one of these processes, not their sum. machine_s is the time that all
// CPUs together were not idle, in steps of 10 ms, whoever used them; processes are all that the machine, threads included,
// created meanwhile. With MEASURE_RECORDER=PID there is also "recorder_s": the CPU time, meanwhile, of the threads which that
// process has at the end; `parent` is the process that started this one, told by its number to those further down. Exits as the
// command did.

#define _GNU_SOURCE
#include <dirent.h>
#include <sys/resource.h>
#include <time.h>

#include "workload.h"

static double seconds(struct timeval value) { return (double)value.tv_sec + (double)value.tv_usec / 1e6; }

struct moment {
    double time, idle, recorder;
    long processes;
};

static double recorder_seconds(const char *pid) {
    char path[300];
    snprintf(path, sizeof path, "/proc/%s/task", pid);
    DIR *tasks = opendir(path);
    if (tasks == NULL) return 0;
    double sum = 0;
    for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
        if (task->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/%s/task/%.20s/schedstat", pid, task->d_name);
        FILE *file = fopen(path, "r");
        unsigned long long nanoseconds = 0;
        if (file != NULL && fscanf(file, "%llu", &nanoseconds) == 1) sum += (double)nanoseconds / 1e9;
        if (file != NULL) fclose(file);
    }
    closedir(tasks);
    return sum;
}

static struct moment moment(const char *recorder) {
    struct moment moment = {.recorder = recorder == NULL ? 0 : recorder_seconds(recorder)};
    FILE *file = fopen("/proc/stat", "r");
    char *line = NULL;
    size_t room = 0;
    unsigned long long idle, waiting;
    while (file != NULL && getline(&line, &room, file) >= 0) {
        // user, nice, system, idle, iowait
        if (sscanf(line, "cpu %*u %*u %*u %llu %llu", &idle, &waiting) == 2) {
            moment.idle = (double)(idle + waiting) / (double)sysconf(_SC_CLK_TCK);
        }
        sscanf(line, "processes %ld", &moment.processes);
    }
    if (file != NULL) fclose(file);
    free(line);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    moment.time = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
    return moment;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: measure FILE COMMAND [ARGUMENT...]\n");
        return 64;
    }
    const char *recorder = getenv("MEASURE_RECORDER");
    char parent[24];
    if (recorder != NULL && strcmp(recorder, "parent") == 0) {
        snprintf(parent, sizeof parent, "%d", (int)getppid());
        setenv("MEASURE_RECORDER", parent, 1);
        recorder = parent;
    }
    struct moment before = moment(recorder);
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
    struct moment after = moment(recorder);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    FILE *output = fopen(argv[1], "a");
    if (output == NULL) workload_fail(argv[1], errno);
    fprintf(output, "{\"wall_s\": %.6f, \"user_s\": %.6f, \"system_s\": %.6f, \"peak_rss_kib\": %ld, \"processes\": %ld, \"machine_s\": %.3f, ",
            (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9,
            seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss, after.processes - before.processes,
            (after.time - before.time) * (double)sysconf(_SC_NPROCESSORS_ONLN) - (after.idle - before.idle));
    if (recorder != NULL) fprintf(output, "\"recorder_s\": %.6f, ", after.recorder - before.recorder);
    fprintf(output, "\"status\": %d}\n", code);
    if (fclose(output) != 0) workload_fail(argv[1], errno);
    return code;
}
