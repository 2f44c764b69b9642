// Starts itself COUNT times with known delays, and notes the time at each border: stamped METHOD COUNT [NAME=VALUE…]
//
//     METHOD        fork, vfork or posix_spawn
//     prepare=US    busy in the child before its first exec attempt (default 2000)
//     misses=N      attempts that fail before the one that succeeds (default 5)
//     between=US    busy after each of them (default 300)
//     run=US        busy in the program (default 4000)
//     reap=US       between the program's end and the wait that takes it (default 3000)
//     resident=MIB  memory of the spawner, each page of 4 KiB touched (default 0)
//
// posix_spawn looks along a PATH of that many missing directories; its child's prepare and between are not ours to delay.
// Prints one JSON object: the method, the delays, and for each spawn the pid and the stamps, CLOCK_MONOTONIC nanoseconds:
// before_create, child_began, first_attempt, last_attempt, main_began, before_exit, after_wait; absent where there is none.
// The stamps lie in a file in memory that the started program maps too.

#include "lifecycle.h"

#include <stdatomic.h>
#include <sys/mman.h>

struct stamps {
    int64_t pid, before_create, child_began, first_attempt, last_attempt, main_began, before_exit, after_wait;
};

static const char *program;
static long prepare_us = 2000, misses = 5, between_us = 300, run_us = 4000, reap_us = 3000, resident_mib = 0;
static struct stamps *spawns;
static int memory;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void stay_busy(long microseconds) {
    int64_t end = now() + (int64_t)microseconds * 1000;
    while (now() < end) atomic_signal_fence(memory_order_seq_cst);
}

static struct stamps *map_stamps(int descriptor, size_t count) {
    void *address = mmap(NULL, count * sizeof(struct stamps), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, 0);
    if (address == MAP_FAILED) workload_fail("mmap", errno);
    return address;
}

// The program that is started: stamped --started DESCRIPTOR INDEX MICROSECONDS
static int started(char **arguments) {
    int64_t began = now();
    long index = workload_count(arguments[1]);
    struct stamps *own = map_stamps((int)workload_count(arguments[0]), (size_t)index + 1) + index;
    own->main_began = began;
    stay_busy(workload_count(arguments[2]));
    own->before_exit = now();
    _exit(0);
}

// Of the child: in a vfork it borrows the spawner's stack and memory, so it changes nothing but the stamps.
static _Noreturn void be_child(struct stamps *own, char **arguments) {
    own->child_began = now();
    stay_busy(prepare_us);
    own->first_attempt = now();
    for (long miss = 0; miss < misses; miss++) {
        execve("/nonexistent/stamped", arguments, environ);
        stay_busy(between_us);
    }
    own->last_attempt = now();
    execve(program, arguments, environ);
    _exit(127);
}

static pid_t start_by_posix_spawn(char **arguments) {
    pid_t pid = 0;
    int error = posix_spawnp(&pid, "stamped", NULL, NULL, arguments, environ);
    if (error != 0) workload_fail("posix_spawnp", error);
    return pid;
}

static void spawn_once(long index, const char *method) {
    struct stamps *own = &spawns[index];
    char descriptor[24], number[24], duration[24];
    snprintf(descriptor, sizeof descriptor, "%d", memory);
    snprintf(number, sizeof number, "%ld", index);
    snprintf(duration, sizeof duration, "%ld", run_us);
    char *arguments[] = {(char *)program, "--started", descriptor, number, duration, NULL};
    pid_t pid = -1;
    own->before_create = now();
    if (strcmp(method, "fork") == 0) {
        pid = fork();
        if (pid == 0) be_child(own, arguments);
    } else if (strcmp(method, "vfork") == 0) {
        pid = vfork();
        if (pid == 0) be_child(own, arguments);
    } else {
        pid = start_by_posix_spawn(arguments);
    }
    if (pid < 0) workload_fail(method, errno);
    own->pid = pid;
    // A look does not reap: it tells when the program has ended, and only then the delay begins.
    siginfo_t information;
    if (waitid(P_PID, (id_t)pid, &information, WEXITED | WNOWAIT) < 0) workload_fail("waitid", errno);
    stay_busy(reap_us);
    workload_wait(pid);
    own->after_wait = now();
}

static void set_option(const char *text) {
    static const struct {
        const char *name;
        long *value;
    } options[] = {{"prepare", &prepare_us}, {"misses", &misses}, {"between", &between_us},
                   {"run", &run_us},         {"reap", &reap_us},  {"resident", &resident_mib}};
    for (size_t index = 0; index < sizeof options / sizeof options[0]; index++) {
        size_t length = strlen(options[index].name);
        if (strncmp(text, options[index].name, length) == 0 && text[length] == '=') {
            *options[index].value = workload_count(text + length + 1);
            return;
        }
    }
    fprintf(stderr, "stamped: not an option: %s\n", text);
    exit(64);
}

static void occupy(long mebibytes) {
    if (mebibytes == 0) return;
    size_t size = (size_t)mebibytes << 20;
    char *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) workload_fail("mmap", errno);
    madvise(pages, size, MADV_NOHUGEPAGE);
    for (size_t offset = 0; offset < size; offset += 4096) pages[offset] = 1;
}

// The PATH of posix_spawnp: missing directories, then the program's own.
static void search_path(void) {
    char directory[4096];
    const char *slash = strrchr(program, '/');
    snprintf(directory, sizeof directory, "%.*s", slash == NULL ? 1 : (int)(slash - program), slash == NULL ? "." : program);
    size_t size = (size_t)misses * 32 + sizeof directory, used = 0;
    char *path = malloc(size);
    if (path == NULL) workload_fail("malloc", errno);
    for (long miss = 0; miss < misses; miss++) used += (size_t)snprintf(path + used, size - used, "/nonexistent/%ld:", miss);
    snprintf(path + used, size - used, "%s", directory);
    setenv("PATH", path, 1);
    free(path);
}

static void print_stamp(const char *name, int64_t value) {
    if (value != 0) printf(", \"%s\": %lld", name, (long long)value);
}

int main(int argc, char **argv) {
    program = argv[0];
    if (argc == 5 && strcmp(argv[1], "--started") == 0) return started(argv + 2);
    if (argc < 3 || (strcmp(argv[1], "fork") != 0 && strcmp(argv[1], "vfork") != 0 && strcmp(argv[1], "posix_spawn") != 0)) {
        fprintf(stderr, "usage: stamped fork|vfork|posix_spawn COUNT [NAME=VALUE...]\n");
        return 64;
    }
    const char *method = argv[1];
    long count = workload_count(argv[2]);
    for (int index = 3; index < argc; index++) set_option(argv[index]);
    memory = memfd_create("stamps", 0);
    if (memory < 0 || ftruncate(memory, (off_t)(((size_t)count + 1) * sizeof(struct stamps))) < 0) workload_fail("memfd", errno);
    spawns = map_stamps(memory, (size_t)count + 1);
    occupy(resident_mib);
    if (strcmp(method, "posix_spawn") == 0) search_path();
    for (long index = 0; index < count; index++) spawn_once(index, method);
    printf("{\"method\": \"%s\", \"prepare_us\": %ld, \"misses\": %ld, \"between_us\": %ld, \"run_us\": %ld, \"reap_us\": %ld, "
           "\"resident_mib\": %ld, \"spawns\": [", method, prepare_us, misses, between_us, run_us, reap_us, resident_mib);
    for (long index = 0; index < count; index++) {
        const struct stamps *own = &spawns[index];
        printf("%s\n  {\"pid\": %lld", index == 0 ? "" : ",", (long long)own->pid);
        print_stamp("before_create", own->before_create);
        print_stamp("child_began", own->child_began);
        print_stamp("first_attempt", own->first_attempt);
        print_stamp("last_attempt", own->last_attempt);
        print_stamp("main_began", own->main_began);
        print_stamp("before_exit", own->before_exit);
        print_stamp("after_wait", own->after_wait);
        printf("}");
    }
    printf("\n]}\n");
    workload_report(count);
    return 0;
}
