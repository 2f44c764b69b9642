// Spawns from known call paths, for tests of call sites and folding.
//
//     call_paths [-r] COUNT
//
// COUNT spawns from each of two paths, 2 * COUNT in all:
//
//     main → build → compile_all → compile_one → run_tool
//     main → publish → run_tool
//
// With -r, run_tool enters the kernel by itself (an inline fork), so that a frame-pointer walk from the call meets only
// functions of this file until main's caller. Without -r it calls posix_spawn, as programs do; libc's frames are then
// innermost, and libc is usually built without frame pointers.
// Built with -fno-omit-frame-pointer and -fno-optimize-sibling-calls; `noipa` keeps every function a frame of its own.

#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>

#include "workload.h"

#define FRAME __attribute__((noipa))

static bool enter_kernel_directly = false;
static volatile long spawned = 0;

static inline __attribute__((always_inline)) long system_call(long number, long a, long b, long c, long d, long e) {
#if defined(__x86_64__)
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
#else
#error "the inline system call is written for x86-64 and aarch64"
#endif
}

FRAME void run_tool(void) {
    if (enter_kernel_directly) {
        static char program[] = "/bin/true";
        char *arguments[] = {program, NULL};
        long pid = system_call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
        if (pid < 0) workload_fail("clone", (int)-pid);
        if (pid == 0) {
            system_call(SYS_execve, (long)program, (long)arguments, (long)environ, 0, 0);
            _exit(127);
        }
        workload_wait((pid_t)pid);
    } else {
        workload_posix_spawn("/bin/true");
    }
    spawned++;
}

FRAME void compile_one(void) { run_tool(); }

FRAME void compile_all(long count) {
    for (long index = 0; index < count; index++) compile_one();
}

FRAME void build(long count) { compile_all(count); }

FRAME void publish(long count) {
    for (long index = 0; index < count; index++) run_tool();
}

int main(int argc, char **argv) {
    int next = 1;
    if (argc > 1 && strcmp(argv[1], "-r") == 0) {
        enter_kernel_directly = true;
        next = 2;
    }
    if (next + 1 != argc) {
        fprintf(stderr, "usage: call_paths [-r] COUNT\n");
        return 64;
    }
    long count = workload_count(argv[next]);
    build(count);
    publish(count);
    workload_report(spawned);
    return 0;
}
