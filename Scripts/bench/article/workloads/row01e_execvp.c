// Row 1e: a command by its name or its path, found by libc.
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    for (int i = atoi(argv[2]); i > 0; i--) {
        char *command[] = {argv[1], 0};
        pid_t pid;
        if (posix_spawnp(&pid, argv[1], 0, 0, command, environ) != 0 || waitpid(pid, 0, 0) != pid) return 1;
    }
    return 0;
}
