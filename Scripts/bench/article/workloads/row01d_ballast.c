// Row 1d: the same in C, by fork.
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    size_t size = (size_t)atol(argv[1]) << 20;
    char *ballast = malloc(size + 1);
    if (!ballast) return 2;
    memset(ballast, 1, size + 1);
    for (int i = atoi(argv[2]); i > 0; i--) {
        pid_t pid = fork();
        if (pid == 0) {
            execl("/bin/true", "true", (char *)0);
            _exit(127);
        }
        if (pid < 0 || waitpid(pid, 0, 0) != pid) return 1;
    }
    return ballast[size] != 1;
}
