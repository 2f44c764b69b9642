// Starts /bin/true from a stack of DEPTH frames of a little more than a KiB each; the outermost has ROOM bytes more.
//
//     deep_stack DEPTH [ROOM]

#define _GNU_SOURCE

#include "workload.h"

static __attribute__((noipa)) int descend(int depth) {
    volatile char room[1024];
    room[0] = (char)depth;
    if (depth > 1) return descend(depth - 1) + room[0];
    char *arguments[] = {"/bin/true", NULL};
    pid_t pid = 0;
    int code = posix_spawn(&pid, arguments[0], NULL, NULL, arguments, environ);
    if (code != 0) workload_fail("posix_spawn", code);
    workload_wait(pid);
    return room[0];
}

static __attribute__((noipa)) int with_room(int depth, long size) {
    volatile char room[size];
    room[size - 1] = 1;
    return descend(depth) + room[size - 1];
}

int main(int count, char **arguments) {
    int depth = count == 2 || count == 3 ? atoi(arguments[1]) : 0;
    if (depth < 1) {
        fputs("usage: deep_stack DEPTH [ROOM]\n", stderr);
        return 2;
    }
    if (count == 3) {
        with_room(depth, atol(arguments[2]));
    } else {
        descend(depth);
    }
    return 0;
}
