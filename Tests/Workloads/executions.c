// Every way to execute a program, and to fail at it: executions MODE [COUNT], see lifecycle.h.
#include "lifecycle.h"

#include <sys/mman.h>

/// execveat(2), which glibc has from 2.34 on.
static void execute_at(int directory, const char *path, char **arguments) {
    syscall(SYS_execveat, directory, path, arguments, environ, 0);
}

static const char *program;  // argv[0] of this program, to execute itself

/// Runs the body in a forked child and reaps it.
static long in_child(void (*body)(void)) {
    pid_t pid = checked_fork();
    if (pid == 0) {
        body();
        _exit(127);
    }
    wait_for(pid);
    return 1;
}

static void chain(void) {
    setenv("PATH", "/nonexistent/one:/nonexistent/two:/usr/bin:/bin", 1);
    char *arguments[] = {"env", "sh", "-c", "exec /bin/true", NULL};
    execve("/usr/bin/env", arguments, environ);
}

static void write_script(const char *path, const char *text) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    if (descriptor < 0) workload_fail(path, errno);
    size_t length = strlen(text);
    if (write(descriptor, text, length) != (ssize_t)length) workload_fail(path, errno);
    close(descriptor);
}

static const char script_path[] = "/tmp/spawnscope-script";

static void run_script(void) { become(script_path); }

static long scripted(const char *text) {
    write_script(script_path, text);
    long spawns = in_child(run_script);
    unlink(script_path);
    return spawns;
}

static long script(void) { return scripted("#!/bin/sh\nexit 3\n"); }
static long script_by_env(void) { return scripted("#!/usr/bin/env sh\nexit 3\n"); }
static long script_without_interpreter(void) { return scripted("#!/nonexistent/interpreter\n"); }

static void search_script(void) {
    setenv("PATH", "/nonexistent/one:/tmp", 1);
    char *arguments[] = {"spawnscope-script", NULL};
    execvp("spawnscope-script", arguments);
}

// execvp gives a file that is no program to /bin/sh.
static long script_without_first_line(void) {
    write_script(script_path, "exit 4\n");
    in_child(run_script);
    long spawns = in_child(search_script);
    unlink(script_path);
    return spawns + 1;
}

static void by_descriptor(void) {
    int descriptor = open("/bin/true", O_RDONLY | O_CLOEXEC);
    char *arguments[] = {"true", NULL};
    fexecve(descriptor, arguments, environ);
}

static void from_memory(void) {
    int source = open("/bin/true", O_RDONLY | O_CLOEXEC);
    int memory = memfd_create("a program", MFD_CLOEXEC);
    char buffer[1 << 16];
    ssize_t length = 0;
    while ((length = read(source, buffer, sizeof buffer)) > 0) {
        if (write(memory, buffer, (size_t)length) != length) _exit(1);
    }
    char *arguments[] = {"true", NULL};
    fexecve(memory, arguments, environ);
}

static void by_directory(void) {
    int directory = open("/bin", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char *arguments[] = {"true", NULL};
    execute_at(directory, "no such program", arguments);
    execute_at(directory, "/nonexistent/absolute", arguments);
    execute_at(AT_FDCWD, "nonexistent/relative", arguments);
    execute_at(directory, "true", arguments);
}

static void relative(void) {
    if (chdir("/bin") < 0) _exit(1);
    become("./true");
}

static void *execute_shell(void *unused) {
    become_shell("exit 6");
    return unused;
}

static void *sleep_long(void *unused) {
    pause_ms(60000);
    return unused;
}

static void from_second_thread(void) {
    checked_thread(sleep_long, NULL);
    checked_thread(execute_shell, NULL);
    pause_ms(60000);
}

// The kernel creates no thread while another one is in an exec (fs->in_exec: EAGAIN).
static pthread_barrier_t both_are_there;

static void *miss_five(void *unused) {
    pthread_barrier_wait(&both_are_there);
    char *arguments[] = {"x", NULL};
    for (int index = 0; index < 5; index++) execve("/nonexistent/by-thread", arguments, environ);
    return unused;
}

static void missed_by_threads(void) {
    pthread_barrier_init(&both_are_there, NULL, 2);
    pthread_t threads[2] = {checked_thread(miss_five, NULL), checked_thread(miss_five, NULL)};
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    become("/bin/true");
}

static void fail_all(void) {
    char *arguments[] = {"x", NULL};
    execve("/nonexistent/program", arguments, environ);       // ENOENT
    execve("/etc/passwd", arguments, environ);                // EACCES: not executable
    execve("/bin", arguments, environ);                       // EACCES: a directory
    execve("/etc/passwd/program", arguments, environ);        // ENOTDIR
    execve("", arguments, environ);                           // ENOENT
    syscall(SYS_execve, NULL, arguments, environ);            // EFAULT
    syscall(SYS_execve, 1L, arguments, environ);              // EFAULT
    execve("/nonexistent/new\nline; \"quoted\" \\ \303\251", arguments, environ);
    char component[300];
    memset(component, 'n', sizeof component);
    component[0] = '/';
    component[sizeof component - 1] = 0;
    execve(component, arguments, environ);                    // ENAMETOOLONG
    static char huge[256 << 10];                              // more than one argument may have: E2BIG
    memset(huge, 'a', sizeof huge - 1);
    char *too_big[] = {"x", huge, NULL};
    execve("/bin/true", too_big, environ);
}

static void fail_then_start(void) {
    char *arguments[] = {"x", NULL};
    execve("/nonexistent/program", arguments, environ);
    pid_t pid = checked_fork();
    if (pid == 0) become("/bin/true");
    wait_for(pid);
    _exit(9);
}

static void search(void) {
    setenv("PATH", "/nonexistent/1:/nonexistent/2:/nonexistent/3:/nonexistent/4:/nonexistent/5:/nonexistent/6:/etc/passwd:/bin", 1);
    char *arguments[] = {"true", NULL};
    execvp("true", arguments);
}

static void search_in_vain(void) {
    setenv("PATH", "/nonexistent/1:/nonexistent/2:/nonexistent/3", 1);
    char *arguments[] = {"true", NULL};
    execvp("true", arguments);
}

static void busy_text(void) {
    int source = open("/bin/true", O_RDONLY | O_CLOEXEC);
    int copy = open("/tmp/spawnscope-busy", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    char buffer[1 << 16];
    ssize_t length = 0;
    while ((length = read(source, buffer, sizeof buffer)) > 0) {
        if (write(copy, buffer, (size_t)length) != length) _exit(1);
    }
    char *arguments[] = {"x", NULL};
    execve("/tmp/spawnscope-busy", arguments, environ);  // ETXTBSY
    close(copy);
    become("/tmp/spawnscope-busy");
}

static long of_chain(void) { return in_child(chain); }
static long of_descriptor(void) { return in_child(by_descriptor); }
static long of_memory(void) { return in_child(from_memory); }
static long of_directory(void) { return in_child(by_directory); }
static long of_relative(void) { return in_child(relative); }
static long of_second_thread(void) { return in_child(from_second_thread); }
static long of_missing_threads(void) { return in_child(missed_by_threads); }
static long of_failure(void) { return in_child(fail_all); }
static long of_failure_then_start(void) { return in_child(fail_then_start) + 1; }
static long of_search(void) { return in_child(search); }
static long of_search_in_vain(void) { return in_child(search_in_vain); }

static long of_busy_text(void) {
    long spawns = in_child(busy_text);
    unlink("/tmp/spawnscope-busy");
    return spawns;
}

static long spawn_missing(void) {
    char *arguments[] = {"x", NULL};
    pid_t pid = 0;
    if (posix_spawn(&pid, "/nonexistent/program", NULL, NULL, arguments, environ) != ENOENT) workload_fail("posix_spawn", 0);
    return 1;
}

static long spawn_search(void) {
    setenv("PATH", "/nonexistent/1:/nonexistent/2:/bin", 1);
    char *arguments[] = {"true", NULL};
    pid_t pid = 0;
    int error = posix_spawnp(&pid, "true", NULL, NULL, arguments, environ);
    if (error != 0) workload_fail("posix_spawnp", error);
    wait_for(pid);
    return 1;
}

// The program itself: its execs count in the totals and belong to no spawn.
static long without_fork(void) {
    char *missing[] = {"x", NULL};
    execve("/nonexistent/program", missing, environ);
    char *arguments[] = {(char *)program, "after-exec", NULL};
    execve(program, arguments, environ);
    workload_fail(program, errno);
    return 0;
}

static void *execute_self(void *unused) {
    without_fork();
    return unused;
}

static long without_fork_by_thread(void) {
    checked_thread(execute_self, NULL);
    pause_ms(60000);
    return 0;
}

static long after_exec(void) { return in_child(fail_all); }

static const struct lifecycle_mode modes[] = {
    {"chain", of_chain},
    {"without-fork", without_fork},
    {"without-fork-by-thread", without_fork_by_thread},
    {"after-exec", after_exec},
    {"script", script},
    {"script-by-env", script_by_env},
    {"script-without-interpreter", script_without_interpreter},
    {"script-without-first-line", script_without_first_line},
    {"fexecve", of_descriptor},
    {"memfd", of_memory},
    {"execveat", of_directory},
    {"relative", of_relative},
    {"second-thread", of_second_thread},
    {"missed-by-threads", of_missing_threads},
    {"all-failed", of_failure},
    {"failed-then-start", of_failure_then_start},
    {"search", of_search},
    {"search-in-vain", of_search_in_vain},
    {"busy-text", of_busy_text},
    {"posix_spawn-missing", spawn_missing},
    {"posix_spawnp-search", spawn_search},
};

int main(int argc, char **argv) {
    program = argv[0];
    return run_modes(argc, argv, modes, sizeof modes / sizeof modes[0]);
}
