// Both sides of fork(2). The child runs no Swift and calls nothing that allocates or takes a lock.
#define _GNU_SOURCE
#include "CPerfEvent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

int cperf_pidfd_open(pid_t pid) {
    const int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    return fd < 0 ? -errno : fd;
}

int cperf_pidfd_open_thread(pid_t tid) {
    // PIDFD_THREAD is O_EXCL (linux/pidfd.h).
    int fd = (int)syscall(SYS_pidfd_open, tid, O_EXCL);
    return fd < 0 ? -errno : fd;
}

int cperf_control_group(pid_t process, uint64_t *id) {
    // struct pidfd_info of linux/pidfd.h in its first size, and PIDFD_INFO_CGROUPID.
    struct {
        uint64_t mask, group;
        uint32_t ids[12];
    } info = {.mask = 1 << 2};
    const int fd = cperf_pidfd_open(process);
    if (fd < 0) return fd;
    const int result = ioctl(fd, _IOWR(0xFF, 11, info), &info) < 0 ? -errno : 0;
    close(fd);
    if (result == 0 && !(info.mask & 1 << 2)) return -ENODATA;
    *id = info.group;
    return result;
}

static void close_pair(int pair[2]) {
    close(pair[0]);
    close(pair[1]);
}

/// Opens a pipe whose ends are never descriptors 0 to 2, even if the caller was started with those closed: otherwise a
/// message written to standard error would release the child.
static int open_pipe(int pair[2]) {
    int low[2];
    if (pipe2(low, O_CLOEXEC) < 0) return -errno;
    pair[0] = fcntl(low[0], F_DUPFD_CLOEXEC, 3);
    pair[1] = pair[0] < 0 ? -1 : fcntl(low[1], F_DUPFD_CLOEXEC, 3);
    const int code = errno;
    close_pair(low);
    if (pair[1] >= 0) return 0;
    if (pair[0] >= 0) close(pair[0]);
    return -code;
}

_Noreturn static void give_up(int error_fd, enum cperf_child_step step, int code, int status) {
    const struct cperf_child_failure failure = {step, code};
    ssize_t written = write(error_fd, &failure, sizeof failure);
    (void)written;
    _exit(status);
}

/// Takes the ids of `identity`. Uses raw system calls, since glibc's wrappers take a lock to change the ids of all
/// threads.
static void become(const struct cperf_identity *identity, int error_fd) {
    if (syscall(SYS_setgroups, identity->group_count, identity->groups) < 0)
        give_up(error_fd, CPERF_CHILD_GROUPS, errno, 125);
    if (syscall(SYS_setresgid, identity->gid, identity->gid, identity->gid) < 0)
        give_up(error_fd, CPERF_CHILD_GROUP, errno, 125);
    if (syscall(SYS_setresuid, identity->uid, identity->uid, identity->uid) < 0)
        give_up(error_fd, CPERF_CHILD_USER, errno, 125);
    // setresuid(2) has cleared the permitted, effective and ambient sets, unless the recorder was started with
    // securebits that keep them; it never clears the inheritable set.
    const int kept = identity->uid == 0 ? 0 : cperf_capabilities_set(0, 0);
    if (kept < 0) give_up(error_fd, CPERF_CHILD_CAPABILITIES, -kept, 125);
}

_Noreturn static void wait_and_exec(
    char *const argv[], char *const environment[], const struct cperf_identity *identity, int release_fd, int error_fd) {
    char byte;
    ssize_t count;
    do count = read(release_fd, &byte, 1);
    while (count < 0 && errno == EINTR);
    // End of file: the recorder is gone or has given up, and the command must not run unrecorded.
    if (count != 1) _exit(125);
    if (identity) become(identity, error_fd);
    environ = (char **)environment;
    execvp(argv[0], argv);
    const int code = errno;
    give_up(error_fd, CPERF_CHILD_EXEC, code, code == ENOENT || code == ENOTDIR ? 127 : 126);
}

int cperf_child_start(
    char *const argv[], char *const environment[], const struct cperf_identity *identity, struct cperf_child *child) {
    int release[2], error[2];
    int code = open_pipe(release);
    if (code < 0) return code;
    code = open_pipe(error);
    if (code < 0) {
        close_pair(release);
        return code;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        // With its own copy of the write end open, the child would not read end of file when the recorder ends.
        close(release[1]);
        close(error[0]);
        wait_and_exec(argv, environment, identity, release[0], error[1]);
    }
    const int fork_code = errno;
    close(release[0]);
    close(error[1]);
    if (pid < 0) {
        close(release[1]);
        close(error[0]);
        return -fork_code;
    }
    const int pidfd = cperf_pidfd_open(pid);
    if (pidfd < 0) {
        close(release[1]);
        close(error[0]);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
        return pidfd;
    }
    child->pid = pid;
    child->pidfd = pidfd;
    child->release_fd = release[1];
    child->error_fd = error[0];
    return 0;
}

static void close_between(int first, int last) {
    if (first <= last) syscall(SYS_close_range, first, last, 0);
}

int cperf_close_detached(const int *fds, size_t count) {
    const pid_t pid = fork();
    if (pid < 0) return -errno;
    if (pid > 0) return pid;
    // Closes the standard streams too: a reader of the recorder's output must not have to wait for this process.
    int next = 0;
    for (size_t index = 0; index < count; index++) {
        close_between(next, fds[index] - 1);
        next = fds[index] + 1;
    }
    syscall(SYS_close_range, next, ~0U, 0);
    setsid();
    if (chdir("/") < 0) _exit(1);
    for (size_t index = 0; index < count; index++) close(fds[index]);
    _exit(0);
}
