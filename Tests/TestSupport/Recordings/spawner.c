// Starts itself: four times from build (vfork and exec), once by fork without exec, and once a program that is not there.
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#define FRAME __attribute__((noipa))
extern char **environ;
static void finish(pid_t pid) { int s; while (waitpid(pid, &s, 0) < 0 && errno == EINTR) {} }
FRAME void spawn(const char *path, char *argument) {
    char *arguments[] = {"tool", argument, NULL};
    pid_t pid = vfork();
    if (pid == 0) { execve(path, arguments, environ); _exit(127); }
    finish(pid);
}
FRAME void compile(void) { for (int i = 0; i < 3; i++) { spawn("/tmp/demo/spawner", "leaf"); __asm__ volatile(""); } }
FRAME void link_all(void) { spawn("/tmp/demo/spawner", "shell"); __asm__ volatile(""); }
FRAME void build(void) { compile(); link_all(); __asm__ volatile(""); }
FRAME void search(void) { spawn("/tmp/demo/nothing", "leaf"); __asm__ volatile(""); }
FRAME void work(void) { pid_t pid = fork(); if (pid == 0) _exit(0); finish(pid); __asm__ volatile(""); }
int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "leaf") == 0) return 0;
    if (argc > 1) { spawn("/tmp/demo/spawner", "leaf"); return 0; }
    build(); search(); work();
    return 0;
}
