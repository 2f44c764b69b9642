// perf_event_open(2) for Swift: what the importer cannot see (variadic ioctl and syscall, _IO* macros, ordered accesses to
// the ring's header) and what must not run Swift (the two sides of fork). Nothing else belongs here.
#ifndef SPAWNSCOPE_CPERFEVENT_H
#define SPAWNSCOPE_CPERFEVENT_H

#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>

_Static_assert(sizeof(struct perf_event_attr) >= 128, "perf_event_attr of kernel 5.13 or newer");
_Static_assert(sizeof(struct perf_event_header) == 8, "perf_event_header");
_Static_assert(offsetof(struct perf_event_mmap_page, data_head) == 1024, "perf_event_mmap_page.data_head");
_Static_assert(offsetof(struct perf_event_mmap_page, data_tail) == 1032, "perf_event_mmap_page.data_tail");
_Static_assert(offsetof(struct perf_event_mmap_page, data_offset) == 1040, "perf_event_mmap_page.data_offset");
_Static_assert(offsetof(struct perf_event_mmap_page, data_size) == 1048, "perf_event_mmap_page.data_size");

// Each returns what the system call returns, or -errno.

/// perf_event_open(2) for every task on `cpu`; the descriptor is close-on-exec. `attr` begins with a perf_event_attr whose
/// own `size` says how long it is.
int cperf_event_open(const void *attr, int cpu);
/// The same for the tasks in a control group and those below it alone; `cgroup_fd` is its directory.
int cperf_event_open_in_cgroup(const void *attr, int cgroup_fd, int cpu);
int cperf_event_enable(int fd);
int cperf_event_disable(int fd);
int cperf_event_set_output(int fd, int ring_fd);
int cperf_event_set_filter(int fd, const char *filter);
int cperf_event_id(int fd, uint64_t *id);

/// The ring's header page: everything before the returned head may be read after this.
uint64_t cperf_ring_load_head(const struct perf_event_mmap_page *page);
/// The kernel may overwrite everything before `tail` after this.
void cperf_ring_store_tail(struct perf_event_mmap_page *page, uint64_t tail);

/// A descriptor of a process that is readable when its last thread has exited, close-on-exec.
int cperf_pidfd_open(pid_t pid);

/// openat2(2) of a path that begins at the directory `root_fd` and does not lead out of it, links included (RESOLVE_IN_ROOT).
int cperf_open_in_root(int root_fd, const char *path, uint64_t flags);

/// A thread's capabilities, bits as in linux/capability.h.
struct cperf_capabilities {
    uint64_t permitted, effective, inheritable;
};

/// Those of the calling thread.
int cperf_capabilities_get(struct cperf_capabilities *capabilities);
/// Sets those of the calling thread; none are inheritable afterwards, and so none ambient. Async-signal-safe.
int cperf_capabilities_set(uint64_t permitted, uint64_t effective);

/// Whether this process was given more rights by its file than its caller has (AT_SECURE of getauxval(3)): setuid, setgid or file
/// capabilities.
int cperf_is_privileged_by_file(void);

/// Lets this process's user look into it through /proc again (PR_SET_DUMPABLE), once it has no rights but the user's.
void cperf_belong_to_user(void);

/// Takes out of the environment what could name a file or a server, such as TMPDIR, HOME and DEBUGINFOD_URLS; meant for a process
/// with one thread.
void cperf_hide_environment(void);
/// The environment as the caller gave it, which is the command's.
char *const *cperf_caller_environment(void);

/// Whose process a child becomes before its exec.
struct cperf_identity {
    uid_t uid;
    gid_t gid;
    /// The supplementary groups.
    const gid_t *groups;
    size_t group_count;
};

/// What a child was about when it failed.
enum cperf_child_step {
    CPERF_CHILD_EXEC,
    CPERF_CHILD_GROUPS,
    CPERF_CHILD_GROUP,
    CPERF_CHILD_USER,
    CPERF_CHILD_CAPABILITIES,
};

/// Why a child did not become its command.
struct cperf_child_failure {
    /// A cperf_child_step.
    int32_t step;
    /// errno
    int32_t code;
};

/// A child that waits before its exec.
struct cperf_child {
    pid_t pid;
    /// Readable when the child's last thread has exited.
    int pidfd;
    /// One byte written releases the child; closing it unwritten ends the child.
    int release_fd;
    /// End of file when the exec succeeded, or a cperf_child_failure.
    int error_fd;
};

/// Forks a child that waits to be released and then becomes `argv` with `environment` (execvp(3), whose PATH is that environment's).
/// It keeps the caller's descriptors, signal mask, dispositions, limits, umask, directory, session and process group. Where
/// `identity` is not null it takes that user, group and groups once it is released; no capability is left to another than root.
int cperf_child_start(
    char *const argv[], char *const environment[], const struct cperf_identity *identity, struct cperf_child *child);

/// Starts a process that holds the `count` descriptors `fds` (ascending) and nothing else of the caller's: no standard
/// streams, directory, session or process group; it closes them and ends. Closing the last user of a tracepoint waits for
/// RCU, some 35 ms each, which the caller so avoids.
int cperf_close_detached(const int *fds, size_t count);

// The BPF programs that tell what no tracepoint says. Each belongs to tracepoints of its own name.

/// What a failed execve or execveat was asked for; the bytes of `path` that were read follow, and no more.
struct cperf_failed_exec {
    /// -errno.
    int32_t result;
    /// execveat's first argument, AT_FDCWD for execve.
    int32_t directory;
    /// Bytes of `path`, its NUL included, or 0 where it is empty and the kernel does not count that; negative: it could
    /// not be read. A path of more than CPERF_PATH_SIZE - 1 bytes is cut to that many.
    int32_t length;
    char path[];
};
enum { CPERF_PATH_SIZE = 264 };
_Static_assert(offsetof(struct cperf_failed_exec, path) == 12, "cperf_failed_exec");

/// What a waitid for any child, or any of a group, has reaped: members of its siginfo_t.
struct cperf_reaped {
    /// In the caller's pid namespace.
    int32_t pid;
    /// CLD_EXITED, CLD_KILLED or CLD_DUMPED.
    int32_t code;
    int32_t status;
};
_Static_assert(sizeof(struct cperf_reaped) == 12, "cperf_reaped");

/// How large the strings are that a new program was given, NULs included; what they say is not read.
struct cperf_image_sizes {
    uint64_t arguments;
    uint64_t environment;
};

/// How large a process is that makes another.
struct cperf_spawner_size {
    /// Bytes of its page tables, which a fork copies.
    uint64_t page_tables;
    /// Bytes of its memory that are resident, as near as the kernel has them at hand: a batch of pages a CPU may be missing.
    /// Negative: not known.
    int64_t resident;
};

/// Where the running kernel's structs have what the programs read, in bytes.
struct cperf_offsets {
    /// task_struct.mm
    int32_t mm;
    /// mm_struct.arg_start and so on.
    int32_t arg_start, arg_end, env_start, env_end;
    int32_t pgtables_bytes;
    /// The first counter of mm_struct.rss_stat, negative where it is not known, and from each to the next.
    int32_t resident, resident_stride;
    int32_t page_size;
    /// In the record of task:task_newtask.
    int32_t clone_flags;
};

enum cperf_program {
    CPERF_ENTER_EXECVE,
    CPERF_ENTER_EXECVEAT,
    /// Of both.
    CPERF_EXIT_EXEC,
    CPERF_ENTER_WAITID,
    CPERF_EXIT_WAITID,
    /// Of sched:sched_process_exec.
    CPERF_IMAGE_SIZES,
    /// Of task:task_newtask.
    CPERF_SPAWNER_SIZE,
};

/// A map for the calls that threads are in, of which it forgets the eldest. Its descriptor and those below are close-on-exec.
int cperf_bpf_calls_map(void);
/// A map for the events, by CPU number below `cpus`, that outputs go to. Closing the descriptor empties it.
int cperf_bpf_output_map(uint32_t cpus);
/// Loads a program that uses these maps. The last two need no map of calls, and `offsets`, which the others do not look at.
int cperf_bpf_load(enum cperf_program program, int calls, int output, const struct cperf_offsets *offsets);
/// Sends the outputs of `cpu` to `event_fd`, a bpf-output event on that CPU.
int cperf_bpf_set_output(int map, uint32_t cpu, int event_fd);
/// Runs the program for each hit of the tracepoint of `fd`, on every CPU, until that descriptor is closed.
int cperf_event_set_bpf(int fd, int program_fd);
/// How often the kernel left the program out since it was loaded: it was running on that CPU already (Linux 5.12, and before that
/// nothing). 0 where that is not told.
uint64_t cperf_bpf_misses(int program_fd);

#endif
