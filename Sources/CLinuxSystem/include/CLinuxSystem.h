// System calls that the Swift importer cannot see: fork, descriptors sent over a socket, openat2, capabilities, seccomp filters.
#ifndef SPAWNSCOPE_CLINUXSYSTEM_H
#define SPAWNSCOPE_CLINUXSYSTEM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Each returns what the system call returns, or -errno.

/// secure_getenv(3): null if the program runs with rights that its user lacks (AT_SECURE).
const char *clinux_secure_getenv(const char *name);

/// fork(2). The process must have one thread, since the child goes on running Swift.
pid_t clinux_fork(void);

/// Closes every descriptor from 3 up except those in `kept`, which must be in ascending order.
void clinux_close_all_but(const int *kept, size_t count);

/// Creates a connected pair of SOCK_SEQPACKET sockets, close-on-exec: each message sent is received as one message.
int clinux_socket_pair(int ends[2]);
/// Sends one message, together with `descriptor` unless that is negative. Never raises SIGPIPE.
ssize_t clinux_send(int socket, const void *bytes, size_t count, int descriptor);
/// Receives one message and the descriptor sent with it, or -1. Returns 0 when the other end is closed, -EMSGSIZE for a
/// message longer than `capacity`.
ssize_t clinux_receive(int socket, void *bytes, size_t capacity, int *descriptor);

/// Opens `path` relative to `directory` (AT_FDCWD for the current one) with O_PATH, without touching the file.
int clinux_open_path(int directory, const char *path, int extra_flags);
/// Opens `path` with O_PATH, with `root` as the root directory: neither `..` nor links lead out of it (RESOLVE_IN_ROOT
/// of openat2(2)).
int clinux_open_path_in_root(int root, const char *path);
/// Opens for reading, without blocking, the regular file of an O_PATH descriptor. -EINVAL if it is not a regular file
/// or, unless `kernels_too`, if it is on a kernel file system (procfs, sysfs, tracefs and the like), where opening may
/// have side effects.
int clinux_reopen_regular(int path_descriptor, int kernels_too);
/// Creates an unnamed file in a directory and opens it for reading and writing (O_TMPFILE).
int clinux_open_nameless(int directory, unsigned mode);
/// Gives an unnamed file a name; -EEXIST if the name is taken.
int clinux_name(int descriptor, int directory, const char *name);
/// Whether stat(2) of the file gives the device and inode that its mappings have: 1 on ext2 to ext4, XFS and tmpfs, 0
/// on others such as overlayfs and btrfs.
int clinux_tells_one_number(int descriptor);
/// Whether the file system reserves the blocks of a write before that returns, so that no error is left for later: 1 on
/// the same.
int clinux_reserves_blocks(int descriptor);
/// Whether the descriptor's file is on procfs.
int clinux_is_on_procfs(int descriptor);

/// The ids that a process takes when it gives up its rights.
struct clinux_identity {
    uid_t user;
    gid_t group;
};

/// Gives up every right for good: takes the group and user of `identity` if given, drops all capabilities and sets
/// no_new_privs. Disables core dumps and, if `ends_with_parent`, has the kernel kill this process when its parent ends.
int clinux_give_up_rights(const struct clinux_identity *identity, int ends_with_parent);
/// Removes a directory and its contents, staying on its file system and following no links.
void clinux_remove_tree(const char *path);
/// 1 if this process has `capability`, a number of linux/capability.h, in its effective set.
int clinux_has_capability(unsigned capability);
/// 1 if this process has any capability in its permitted or effective set, or if that cannot be read.
int clinux_has_any_capability(void);
/// Empties this process's permitted, effective, inheritable and ambient capability sets.
int clinux_drop_capabilities(void);

/// Installs a seccomp filter on this thread and those that it starts: they may use the descriptors and memory that they
/// have, start threads, and exit. Opening files by name, creating sockets or processes, exec, mounts and everything
/// else fail with EPERM.
int clinux_confine(void);

/// Sets a process's soft limits, never above its hard ones: bytes of data (RLIMIT_DATA) and seconds of CPU time
/// (RLIMIT_CPU). `process` 0 is the caller.
int clinux_limit(pid_t process, uint64_t data, uint64_t seconds);

#endif
