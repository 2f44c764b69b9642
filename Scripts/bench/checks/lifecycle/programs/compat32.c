// Processes by the 32-bit interface, all of which strace sees and no tracepoint shows. Built with -m32 every call is of that kind, and
// as a 64-bit program those by int $0x80: compat32 MODE [PROGRAM]
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// Numbers of the 32-bit interface (asm/unistd_32.h).
enum { EXIT = 1, FORK = 2, WAITPID = 7, EXECVE = 11, VFORK = 190 };

/// By the old gate, whatever this program is built for. Pointers have to lie in the lowest 4 GiB.
static inline __attribute__((always_inline)) long old_call(long number, long first, long second, long third) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third) : "memory"
#ifdef __x86_64__
                     , "r8", "r9", "r10", "r11"
#endif
    );
    return (int)result;
}

/// argv and its string in a page that 32 bits can name.
static char *low_page(const char *path) {
    char *page = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (page == MAP_FAILED) exit(2);
    unsigned *argv = (unsigned *)page;
    strcpy(page + 64, path);
    argv[0] = (unsigned)(long)(page + 64);
    argv[1] = 0;
    return page;
}

static void run(const char *path) {
    pid_t child = fork();
    if (child == 0) {
        execl("/nonexistent/true", "true", (char *)0);
        execl(path, path, (char *)0);
        _exit(127);
    }
    waitpid(child, NULL, 0);
}

int main(int count, char **arguments) {
    const char *mode = count > 1 ? arguments[1] : "";
    const char *program = count > 2 ? arguments[2] : "/bin/true";
    char *true_arguments[] = {"true", NULL};
    pid_t child;
    if (strcmp(mode, "library") == 0) {
        run(program);
        if (posix_spawn(&child, program, NULL, NULL, true_arguments, environ) == 0) waitpid(child, NULL, 0);
        if (posix_spawn(&child, "/nonexistent/true", NULL, NULL, true_arguments, environ) == 0) waitpid(child, NULL, 0);
        if ((child = fork()) == 0) _exit(7);
        waitpid(child, NULL, 0);
        if ((child = fork()) == 0) pause();
        kill(child, SIGTERM);
        waitpid(child, NULL, 0);
        if ((child = fork()) == 0) {
            if (fork() == 0) {
                usleep(20000);
                _exit(0);
            }
            _exit(0);
        }
        waitpid(child, NULL, 0);
        // Left to whoever inherits it.
        if (fork() == 0) _exit(5);
        usleep(20000);
    } else if (strcmp(mode, "old-fork") == 0) {
        // Made by the old gate, waited for by the library.
        for (int i = 0; i < 2; i++) {
            child = (pid_t)old_call(i == 0 ? FORK : VFORK, 0, 0, 0);
            if (child == 0) _exit(7);
            waitpid(child, NULL, 0);
        }
    } else if (strcmp(mode, "old-wait") == 0) {
        // Made by the library, waited for by the old gate.
        if ((child = fork()) == 0) _exit(7);
        old_call(WAITPID, child, 0, 0);
        usleep(20000);
    } else if (strcmp(mode, "old-exec") == 0) {
        char *page = low_page(program);
        if ((child = fork()) == 0) {
            old_call(EXECVE, (long)page + 65, (long)page, 0);
            old_call(EXECVE, (long)page + 64, (long)page, 0);
            _exit(127);
        }
        waitpid(child, NULL, 0);
    } else if (strcmp(mode, "old-failure") == 0) {
        // Attempts that only fail.
        char *page = low_page("/nonexistent/true");
        if ((child = fork()) == 0) {
            old_call(EXECVE, (long)page + 64, (long)page, 0);
            _exit(1);
        }
        waitpid(child, NULL, 0);
    } else if (strcmp(mode, "old-exit") == 0) {
        if ((child = fork()) == 0) old_call(EXIT, 9, 0, 0);
        waitpid(child, NULL, 0);
    } else {
        fprintf(stderr, "modes: library old-fork old-wait old-exec old-failure old-exit\n");
        return 64;
    }
    return 0;
}
