#define _GNU_SOURCE
#include "CLinuxSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static int result(long value) { return value < 0 ? -errno : (int)value; }

const char *clinux_secure_getenv(const char *name) { return secure_getenv(name); }

pid_t clinux_fork(void) { return result(fork()); }

static void close_between(unsigned first, unsigned last) {
    if (first > last) return;
    if (syscall(SYS_close_range, first, last, 0) == 0) return;
    // Fallback: close_range(2) came with Linux 5.9.
    const long most = sysconf(_SC_OPEN_MAX);
    for (unsigned number = first; number <= last && (long)number < most; number++) close((int)number);
}

void clinux_close_all_but(const int *kept, size_t count) {
    unsigned next = 3;
    for (size_t index = 0; index < count; index++) {
        if (kept[index] < (int)next) continue;
        close_between(next, (unsigned)kept[index] - 1);
        next = (unsigned)kept[index] + 1;
    }
    close_between(next, ~0U);
}

int clinux_socket_pair(int ends[2]) {
    int low[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, low) < 0) return -errno;
    // Never descriptors 0 to 2, even if the caller started with those closed: output written there would become a
    // message.
    ends[0] = fcntl(low[0], F_DUPFD_CLOEXEC, 3);
    ends[1] = fcntl(low[1], F_DUPFD_CLOEXEC, 3);
    const int code = errno;
    close(low[0]);
    close(low[1]);
    if (ends[0] >= 0 && ends[1] >= 0) return 0;
    if (ends[0] >= 0) close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
    return -code;
}

ssize_t clinux_send(int socket, const void *bytes, size_t count, int descriptor) {
    struct iovec piece = {.iov_base = (void *)bytes, .iov_len = count};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

ssize_t clinux_receive(int socket, void *bytes, size_t capacity, int *descriptor) {
    struct iovec piece = {.iov_base = bytes, .iov_len = capacity};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    *descriptor = -1;
    ssize_t count;
    do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    if (count < 0) return -errno;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
            header->cmsg_len == CMSG_LEN(sizeof(int)))
            memcpy(descriptor, CMSG_DATA(header), sizeof(int));
    }
    return message.msg_flags & MSG_TRUNC ? -EMSGSIZE : count;
}

int clinux_open_path(int directory, const char *path, int extra_flags) {
    return result(openat(directory, path, O_PATH | O_CLOEXEC | extra_flags));
}

int clinux_open_path_in_root(int root, const char *path) {
    const struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    return result(syscall(SYS_openat2, root, path, &how, sizeof how));
}

/// Whether the file is on a file system whose files are not plain bytes, so that opening one may have side effects. The
/// numbers are from linux/magic.h; those at the end, which it lacks, are fusectl, configfs, rpc_pipefs and nfsd.
static int is_kernels_own(int descriptor) {
    struct statfs status;
    if (fstatfs(descriptor, &status) < 0) return 1;
    switch ((unsigned long)status.f_type) {
    case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
    case TRACEFS_MAGIC:
    case DEBUGFS_MAGIC:
    case SECURITYFS_MAGIC:
    case SELINUX_MAGIC:
    case SMACK_MAGIC:
    case CGROUP_SUPER_MAGIC:
    case CGROUP2_SUPER_MAGIC:
    case BPF_FS_MAGIC:
    case PSTOREFS_MAGIC:
    case EFIVARFS_MAGIC:
    case BINFMTFS_MAGIC:
    case NSFS_MAGIC:
    case DEVPTS_SUPER_MAGIC:
    case AUTOFS_SUPER_MAGIC:
    case SOCKFS_MAGIC:
    case 0x65735543:
    case 0x62656570:
    case 0x67596969:
    case 0x6e667364: return 1;
    default: return 0;
    }
}

int clinux_reopen_regular(int path_descriptor, int kernels_too) {
    struct stat status;
    if (fstat(path_descriptor, &status) < 0) return -errno;
    if (!S_ISREG(status.st_mode)) return -EINVAL;
    if (!kernels_too && is_kernels_own(path_descriptor)) return -EINVAL;
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", path_descriptor);
    // Without O_NONBLOCK, open(2) would wait until another process's lease on the file is broken (fcntl(2)).
    return result(open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

int clinux_open_nameless(int directory, unsigned mode) {
    return result(openat(directory, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, mode));
}

int clinux_name(int descriptor, int directory, const char *name) {
    char source[64];
    snprintf(source, sizeof source, "/proc/self/fd/%d", descriptor);
    return result(linkat(AT_FDCWD, source, directory, name, AT_SYMLINK_FOLLOW));
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

void clinux_remove_tree(const char *path) { nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT); }

int clinux_tells_one_number(int descriptor) {
    struct statfs status;
    if (fstatfs(descriptor, &status) < 0) return 0;
    return status.f_type == EXT4_SUPER_MAGIC || status.f_type == XFS_SUPER_MAGIC || status.f_type == TMPFS_MAGIC;
}

int clinux_reserves_blocks(int descriptor) { return clinux_tells_one_number(descriptor); }

int clinux_is_on_procfs(int descriptor) {
    struct statfs status;
    return fstatfs(descriptor, &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}
