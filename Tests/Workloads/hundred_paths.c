// Spawns along a hundred known call paths, built without frame pointers: whatever an unwinder says beside them is wrong.
//
//     hundred_paths COUNT        COUNT spawns from each of 100 paths, 100 * COUNT in all
//
// Path IJ is main → outer_I → inner_J → one of the creating calls. The ten outer and the ten inner functions have frames of
// ten shapes: small, large, of a size known at run time only (alloca), aligned beyond the ABI, saving every register, called through a
// pointer, called back by libc (qsort), recursive, with arguments on the stack, and in a signal handler.
// Built with -O2 -fomit-frame-pointer -fno-optimize-sibling-calls; `noipa` keeps every function a frame of its own.

#define _GNU_SOURCE
#include <alloca.h>
#include <stdbool.h>
#include <signal.h>
#include <stdint.h>

#include "workload.h"

#define FRAME __attribute__((noipa))

typedef void body(int);

static volatile long spawned = 0;
static volatile uintptr_t sink;

FRAME static void by_posix_spawn(void) { workload_posix_spawn("/bin/true"); }

FRAME static void by_fork(void) {
    pid_t pid = fork();
    if (pid < 0) workload_fail("fork", errno);
    if (pid == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(127);
    }
    workload_wait(pid);
}

FRAME static void by_vfork(void) {
    pid_t pid = vfork();
    if (pid < 0) workload_fail("vfork", errno);
    if (pid == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(127);
    }
    workload_wait(pid);
}

FRAME static void spawn_one(int way) {
    switch (way % 3) {
        case 0: by_posix_spawn(); break;
        case 1: by_fork(); break;
        default: by_vfork(); break;
    }
    spawned++;
}

// The ten shapes. Each calls `next(argument)` from within its frame, and does something after it, so that no call is a jump.

#define SHAPES(name)                                                                                                \
    FRAME static void name##_0(body *next, int argument) { next(argument); sink++; }                                \
    FRAME static void name##_1(body *next, int argument) {                                                          \
        volatile char large[3000];                                                                                  \
        large[argument] = 1;                                                                                        \
        next(argument);                                                                                             \
        sink += large[argument];                                                                                    \
    }                                                                                                               \
    FRAME static void name##_2(body *next, int argument) {                                                          \
        volatile char *some = alloca(16 + 40 * (size_t)argument);                                                   \
        some[argument] = 1;                                                                                         \
        next(argument);                                                                                             \
        sink += some[argument];                                                                                     \
    }                                                                                                               \
    FRAME static void name##_3(body *next, int argument) {                                                          \
        volatile char aligned[128] __attribute__((aligned(128)));                                                   \
        aligned[argument] = 1;                                                                                      \
        next(argument);                                                                                             \
        sink += (uintptr_t)aligned;                                                                                 \
    }                                                                                                               \
    FRAME static void name##_4(body *next, int argument) {                                                          \
        uintptr_t a = sink, b = sink, c = sink, d = sink, e = sink, f = sink;                                       \
        next(argument);                                                                                             \
        sink = a ^ b ^ c ^ d ^ e ^ f;                                                                               \
    }                                                                                                               \
    FRAME static void name##_5(body *next, int argument) {                                                          \
        body *volatile pointer = next;                                                                              \
        pointer(argument);                                                                                          \
        sink++;                                                                                                     \
    }                                                                                                               \
    static __thread body *name##_next;                                                                              \
    static __thread int name##_argument;                                                                            \
    static __thread bool name##_done;                                                                               \
    FRAME static int name##_compare(const void *left, const void *right) {                                          \
        if (!name##_done) {                                                                                         \
            name##_done = true;                                                                                     \
            name##_next(name##_argument);                                                                           \
        }                                                                                                           \
        return *(const int *)left - *(const int *)right;                                                            \
    }                                                                                                               \
    FRAME static void name##_6(body *next, int argument) {                                                          \
        int numbers[2] = {2, 1};                                                                                    \
        name##_next = next;                                                                                         \
        name##_argument = argument;                                                                                 \
        name##_done = false;                                                                                        \
        qsort(numbers, 2, sizeof *numbers, name##_compare);                                                         \
        sink += (uintptr_t)numbers[0];                                                                              \
    }                                                                                                               \
    FRAME static void name##_recurse(body *next, int argument, int depth) {                                         \
        if (depth == 0) {                                                                                           \
            next(argument);                                                                                         \
        } else {                                                                                                    \
            name##_recurse(next, argument, depth - 1);                                                              \
        }                                                                                                           \
        sink++;                                                                                                     \
    }                                                                                                               \
    FRAME static void name##_7(body *next, int argument) { name##_recurse(next, argument, 5); sink++; }             \
    FRAME static void name##_arguments(int a, int b, int c, int d, int e, int f, body *next, int argument, int g) { \
        next(argument);                                                                                             \
        sink += (uintptr_t)(a + b + c + d + e + f + g);                                                             \
    }                                                                                                               \
    FRAME static void name##_8(body *next, int argument) {                                                          \
        name##_arguments(1, 2, 3, 4, 5, 6, next, argument, 7);                                                      \
        sink++;                                                                                                     \
    }                                                                                                               \
    FRAME static void name##_handler(int signal) {                                                                  \
        (void)signal;                                                                                               \
        name##_next(name##_argument);                                                                               \
        sink++;                                                                                                     \
    }                                                                                                               \
    FRAME static void name##_9(body *next, int argument) {                                                          \
        name##_next = next;                                                                                         \
        name##_argument = argument;                                                                                 \
        struct sigaction action = {.sa_handler = name##_handler, .sa_flags = SA_NODEFER};                           \
        sigaction(SIGUSR1, &action, NULL);                                                                          \
        raise(SIGUSR1);                                                                                             \
        sink++;                                                                                                     \
    }                                                                                                               \
    static void (*const name##_shapes[10])(body *, int) = {name##_0, name##_1, name##_2, name##_3, name##_4,        \
                                                           name##_5, name##_6, name##_7, name##_8, name##_9};

SHAPES(outer)
SHAPES(inner)

FRAME static void enter_inner(int path) {
    inner_shapes[path % 10](spawn_one, path);
    sink++;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: hundred_paths COUNT\n");
        return 64;
    }
    long count = workload_count(argv[1]);
    for (long round = 0; round < count; round++) {
        for (int path = 0; path < 100; path++) outer_shapes[path / 10](enter_inner, path);
    }
    workload_report(spawned);
    return 0;
}
