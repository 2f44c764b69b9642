// System calls that the Swift importer cannot see: fork, descriptors sent over a socket, openat2, capabilities, seccomp filters.
#ifndef SPAWNSCOPE_CLINUXSYSTEM_H
#define SPAWNSCOPE_CLINUXSYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Each returns what the system call returns, or -errno.

/// secure_getenv(3): nothing where the program has rights that its user has not.
const char *clinux_secure_getenv(const char *name);

/// fork(2), for a process with one thread: the child goes on running Swift.
pid_t clinux_fork(void);

/// Closes every descriptor from 3 up but those in `kept`, which is ascending.
void clinux_close_all_but(const int *kept, size_t count);

/// Two ends of a SOCK_SEQPACKET connection, close-on-exec: what is sent as one message is received as one.
int clinux_socket_pair(int ends[2]);
/// Sends one message, and a descriptor with it where that is not negative. Never raises SIGPIPE.
ssize_t clinux_send(int socket, const void *bytes, size_t count, int descriptor);
/// Receives one message, and the descriptor that came with it, or -1. 0 when the other end is closed.
ssize_t clinux_receive(int socket, void *bytes, size_t capacity, int *descriptor);

/// Opens what `path` names below `directory` (AT_FDCWD for the current one) with O_PATH: nothing happens to it by that.
int clinux_open_path(int directory, const char *path, int extra_flags);
/// Opens with O_PATH what `path` names from `root`, and nothing outside of it, links included (RESOLVE_IN_ROOT of openat2(2)).
int clinux_open_path_in_root(int root, const char *path);
/// Opens the regular file that a descriptor of O_PATH stands for, for reading, without waiting for anything; -EINVAL for what is no
/// regular file, and for files of the kernel's own (procfs, sysfs, tracefs and the like, where opening may act) unless `kernels_too`.
int clinux_reopen_regular(int path_descriptor, int kernels_too);
/// A new file without a name in a directory, readable and writable (O_TMPFILE).
int clinux_open_nameless(int directory, unsigned mode);
/// Gives a file without a name one; -EEXIST where that is taken.
int clinux_name(int descriptor, int directory, const char *name);
/// Whether stat(2) of a file tells the same device and inode as its mappings: ext2 to ext4, XFS, tmpfs. overlayfs and btrfs do not.
int clinux_tells_one_number(int descriptor);
/// Whether a descriptor lies on procfs.
int clinux_is_on_procfs(int descriptor);

/// The ids that a process gives up its rights for.
struct clinux_identity {
    uid_t user;
    gid_t group;
};

/// Gives up every right: the groups, then the user where `identity` is given, then all capabilities, for good (no_new_privs); is
/// killed when its parent ends where that is asked for; leaves no core dump.
int clinux_give_up_rights(const struct clinux_identity *identity, int ends_with_parent);
/// Removes a directory and what is in it, of the same file system, following no link.
void clinux_remove_tree(const char *path);
/// 1 where this process has a capability in its effective set, by its number in linux/capability.h.
int clinux_has_capability(unsigned capability);
/// 1 where this process has, or may raise, any capability.
int clinux_has_any_capability(void);
/// Drops all capabilities of this process and of what it will execute.
int clinux_drop_capabilities(void);

/// From now on this thread and those that it starts may work with the descriptors and the memory that they have, start threads, and
/// end. Opening by name, sockets, programs, processes, mounts and everything else fail with EPERM.
int clinux_confine(void);

/// Raises or lowers the soft limits of a process: bytes of data (RLIMIT_DATA) and seconds of CPU (RLIMIT_CPU).
int clinux_limit(pid_t process, uint64_t data, uint64_t seconds);

#endif
