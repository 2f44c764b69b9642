// System calls of a recorder, for Swift: what the importer cannot see (variadic ioctl and syscall, _IO* macros, ordered
// accesses to the ring's header) and what must not run Swift (the child's side of fork). Nothing else belongs here.
#ifndef SPAWNSCOPE_CPERFEVENT_H
#define SPAWNSCOPE_CPERFEVENT_H

#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
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

/// perf_event_open(2) for every task on `cpu`; the descriptor is close-on-exec. `attr` points to a perf_event_attr,
/// whose `size` field gives its length.
int cperf_event_open(const void *attr, int cpu);
/// perf_event_open(2) for one thread while it runs on `cpu`, and with `inherit` for what it creates.
int cperf_event_open_of(const void *attr, pid_t process, int cpu);
/// perf_event_open(2) for the tasks of a control group and its descendants on `cpu`; `cgroup_fd` is its directory.
int cperf_event_open_in_cgroup(const void *attr, int cgroup_fd, int cpu);
int cperf_event_enable(int fd);
int cperf_event_disable(int fd);
int cperf_event_set_output(int fd, int ring_fd);
int cperf_event_set_filter(int fd, const char *filter);
int cperf_event_id(int fd, uint64_t *id);

/// Loads data_head of a ring's header page: everything before it may be read after this (acquire order).
uint64_t cperf_ring_load_head(const struct perf_event_mmap_page *page);
/// Stores data_tail: the kernel may overwrite everything before it after this (release order).
void cperf_ring_store_tail(struct perf_event_mmap_page *page, uint64_t tail);

/// pidfd_open(2): a close-on-exec descriptor that becomes readable when the process's last thread has exited.
int cperf_pidfd_open(pid_t pid);
/// The same for a single thread (PIDFD_THREAD, Linux 6.9).
int cperf_pidfd_open_thread(pid_t tid);
/// The id of the control group that a process is in, in the unified hierarchy (PIDFD_GET_INFO, Linux 6.13); 0 or an error.
int cperf_control_group(pid_t process, uint64_t *id);

/// openat2(2) with `root_fd` as the root directory: neither `..` nor links lead out of it (RESOLVE_IN_ROOT).
int cperf_open_in_root(int root_fd, const char *path, uint64_t flags);

/// A thread's capability sets; the bits are as in linux/capability.h.
struct cperf_capabilities {
    uint64_t permitted, effective, inheritable;
};

/// Gets the calling thread's capability sets.
int cperf_capabilities_get(struct cperf_capabilities *capabilities);
/// Sets the calling thread's capability sets and empties the inheritable one, and thereby the ambient one.
/// Async-signal-safe.
int cperf_capabilities_set(uint64_t permitted, uint64_t effective);

/// Whether a file has capabilities (security.capability).
int cperf_file_has_capabilities(const char *path);
/// Whether the program's file gives this process rights that its caller lacks, by setuid, setgid or file capabilities
/// (AT_SECURE of getauxval(3)).
int cperf_is_privileged_by_file(void);

/// Lets this process's user access it through /proc again (PR_SET_DUMPABLE). Call it once the process has only the
/// user's rights.
void cperf_belong_to_user(void);

/// Removes all variables but PATH, TERM, COLUMNS and NO_COLOR from the environment: others, such as TMPDIR, HOME and
/// DEBUGINFOD_URLS, may name a file or a server. The process must have one thread.
void cperf_hide_environment(void);
/// The caller's environment, which the command gets.
char *const *cperf_caller_environment(void);

/// The user and groups that a child takes before its exec.
struct cperf_identity {
    uid_t uid;
    gid_t gid;
    /// The supplementary groups.
    const gid_t *groups;
    size_t group_count;
};

/// The step at which a child failed.
enum cperf_child_step {
    CPERF_CHILD_EXEC,
    CPERF_CHILD_GROUPS,
    CPERF_CHILD_GROUP,
    CPERF_CHILD_USER,
    CPERF_CHILD_CAPABILITIES,
};

/// Why a child could not execute its command.
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
    /// Writing one byte releases the child; closing it without writing ends the child.
    int release_fd;
    /// Reads as end of file after a successful exec, otherwise as a cperf_child_failure.
    int error_fd;
};

/// Forks a child that waits to be released and then executes `argv` with `environment` (execvp(3), with the PATH of
/// `environment`). The child keeps the caller's descriptors, signal mask, dispositions, limits, umask, working
/// directory, session and process group. If `identity` is not null, the released child first takes that user, group and
/// supplementary groups, and drops all capabilities unless the user is root.
int cperf_child_start(
    char *const argv[], char *const environment[], const struct cperf_identity *identity, struct cperf_child *child);

/// Forks a process that keeps only the `count` descriptors `fds` (ascending) and none of the caller's standard streams,
/// working directory, session or process group; it closes them and exits. Closing the last descriptor of a tracepoint
/// waits about 35 ms for an RCU grace period, which the caller avoids this way. Returns the process id or -errno.
int cperf_close_detached(const int *fds, size_t count);

// bpf(2), for programs and maps of any kind; all descriptors are close-on-exec.

/// Loads type information (BTF) for maps.
int cperf_bpf_load_types(const void *types, uint32_t size);
/// Creates a map. `types`, `key_type` and `value_type` describe its contents; 0 where they need not be described.
int cperf_bpf_create_map(
    uint32_t type, uint32_t key_size, uint32_t value_size, uint32_t entries, uint32_t flags, int types,
    uint32_t key_type, uint32_t value_type);
/// Sets a map's value.
int cperf_bpf_update(int map, const void *key, const void *value);
/// Gets a map's value.
int cperf_bpf_look_up(int map, const void *key, void *value);
/// Makes a map constant for this process and, as the verifier relies on, for programs.
int cperf_bpf_freeze(int map);
/// What a program runs on: a perf event of a tracepoint, a raw tracepoint with its kernel's types, a clock event.
enum cperf_bpf_kind { CPERF_ON_TRACEPOINT, CPERF_ON_RAW_TRACEPOINT, CPERF_ON_CLOCK };
/// Loads a program; `attach_type` is the id of the kernel's `btf_trace_*` type for a program on a raw tracepoint, 0 for
/// others. `functions`: a `struct bpf_func_info` for each of its functions, whose types are in `types`.
int cperf_bpf_load_program(
    enum cperf_bpf_kind kind, const void *instructions, uint32_t count, uint32_t attach_type, int types, const void *functions,
    uint32_t function_count);
/// Attaches a program that was loaded with an `attach_type` until the descriptor that it returns is closed.
int cperf_bpf_attach_raw(int program_fd);
/// perf_event_open(2) of a tracepoint that never fires for anyone and only carries a program; `id` is its `config`.
int cperf_event_open_carrier(uint64_t id);

/// A BPF ring buffer's pages in this process (BPF_MAP_TYPE_RINGBUF).
struct cperf_bpf_ring {
    /// How far this process has read; writable.
    uint64_t *consumer;
    /// How far the kernel has reserved room.
    const uint64_t *producer;
    /// The data, twice in a row, so that no record wraps.
    const char *data;
    /// How many bytes of `data` can be read.
    size_t mapped;
};
/// Makes room for the data of a ring of `size` bytes, none of which is mapped yet, and maps the rest.
int cperf_bpf_map_ring(int map, size_t size, struct cperf_bpf_ring *ring);
/// Maps the data up to `end`, a multiple of the page size that is greater than `mapped` and at most twice the ring's size.
int cperf_bpf_map_ring_until(int map, size_t end, struct cperf_bpf_ring *ring);
void cperf_bpf_unmap_ring(const struct cperf_bpf_ring *ring, size_t size);
/// The calling process's pid namespace: the kernel's address of it, and how deep it lies.
struct cperf_namespace {
    uint64_t address;
    uint64_t level;
};
/// Where the kernel's structs have it: task_struct.thread_pid, pid.level, pid.numbers and the size of one number.
struct cperf_pid_offsets {
    int32_t thread_pid, level, numbers, number_size;
};
/// Finds it by a program that is run once. 0 or -errno.
int cperf_bpf_find_namespace(const struct cperf_pid_offsets *offsets, struct cperf_namespace *found);

/// Loads with acquire order: everything before it may be read after this.
uint64_t cperf_load_acquire_64(const uint64_t *word);
uint32_t cperf_load_acquire_32(const uint32_t *word);
/// Stores with release order.
void cperf_store_release_64(uint64_t *word, uint64_t value);

// The BPF programs, for what no tracepoint reports. Each is named after its tracepoint unless a comment says otherwise.

/// Output of a failed execve or execveat. It ends after the bytes of `path` that were read.
struct cperf_failed_exec {
    /// -errno.
    int32_t result;
    /// execveat's first argument, AT_FDCWD for execve.
    int32_t directory;
    /// Bytes of `path` with its NUL, or 0 if it is empty and the kernel does not count the NUL then; -errno if it could
    /// not be read. A longer path is cut to CPERF_PATH_SIZE - 1 bytes.
    int32_t length;
    char path[];
};
enum { CPERF_PATH_SIZE = 264 };
_Static_assert(offsetof(struct cperf_failed_exec, path) == 12, "cperf_failed_exec");

/// Output of a waitid for any child, or any of a process group, that reaped one: members of its siginfo_t.
struct cperf_reaped {
    /// In the pid namespace of the waitid's caller.
    int32_t pid;
    /// CLD_EXITED, CLD_KILLED or CLD_DUMPED.
    int32_t code;
    int32_t status;
};
_Static_assert(sizeof(struct cperf_reaped) == 12, "cperf_reaped");

/// Output of a successful exec: bytes of the argument and environment strings, NULs included. The strings are not read.
struct cperf_image_sizes {
    uint64_t arguments;
    uint64_t environment;
};

/// Output of a process creation: the size of the creating process.
struct cperf_spawner_size {
    /// Bytes of its page tables, which a fork copies.
    uint64_t page_tables;
    /// Bytes of its resident memory. Approximate: up to one batch of pages per CPU may be missing from the kernel's
    /// counter. Negative if unknown.
    int64_t resident;
};

/// Byte offsets of what the programs read in the running kernel's structs.
struct cperf_offsets {
    /// task_struct.mm
    int32_t mm;
    /// mm_struct.arg_start and so on.
    int32_t arg_start, arg_end, env_start, env_end;
    int32_t pgtables_bytes;
    /// The first counter of mm_struct.rss_stat, negative if unknown, and the distance from one counter to the next.
    int32_t resident, resident_stride;
    int32_t page_size;
    /// Offset in the record of task:task_newtask.
    int32_t clone_flags;
};

enum cperf_program {
    CPERF_ENTER_EXECVE,
    CPERF_ENTER_EXECVEAT,
    /// For sys_exit_execve and sys_exit_execveat.
    CPERF_EXIT_EXEC,
    CPERF_ENTER_WAITID,
    CPERF_EXIT_WAITID,
    /// For sched:sched_process_exec.
    CPERF_IMAGE_SIZES,
    /// For task:task_newtask.
    CPERF_SPAWNER_SIZE,
};

/// Creates a map from a thread to the system call that it is in; when full it drops the least recently used entries
/// (LRU). This descriptor and those below are close-on-exec.
int cperf_bpf_calls_map(void);
/// Creates a map from a CPU number below `cpus` to the event that the CPU's output goes to. Closing the descriptor
/// empties it.
int cperf_bpf_output_map(uint32_t cpus);
/// Loads a program that uses these maps. CPERF_IMAGE_SIZES and CPERF_SPAWNER_SIZE need `offsets` and ignore `calls`;
/// the others do the reverse.
int cperf_bpf_load(enum cperf_program program, int calls, int output, const struct cperf_offsets *offsets);
/// Sends the outputs of `cpu` to `event_fd`, a bpf-output event on that CPU.
int cperf_bpf_set_output(int map, uint32_t cpu, int event_fd);
/// Attaches the program to the tracepoint of `fd`: it runs for each hit, on every CPU, until `fd` is closed.
int cperf_event_set_bpf(int fd, int program_fd);
/// How often the kernel has skipped the program since it was loaded, because a BPF program was already running on that
/// CPU (bpf_prog_info.recursion_misses, Linux 5.12; for tracepoints counted from 6.7 on). 0 if the kernel does not say.
uint64_t cperf_bpf_misses(int program_fd);

// MARK: - ptrace(2)

/// Why a traced thread has stopped.
enum cperf_trace_kind {
    /// It received a signal.
    CPERF_STOP_SIGNAL,
    /// It has created a thread or process; the message is its id.
    CPERF_STOP_CREATED,
    /// It has executed a program; the message is the id that it had before.
    CPERF_STOP_EXECUTED,
    /// It is about to end; the message is the status, as wait(2) tells it.
    CPERF_STOP_EXITS,
    /// It is new, or its process goes on after SIGSTOP.
    CPERF_STOP_TRAP,
    /// Its process is stopped by a signal.
    CPERF_STOP_GROUP,
    /// It enters or leaves a system call.
    CPERF_STOP_CALL,
    CPERF_STOP_OTHER,
    /// It was killed before it could be asked what it had done.
    CPERF_STOP_KILLED,
    /// It is gone, and has been waited for; the message is its status.
    CPERF_STOP_GONE,
};
struct cperf_trace_stop {
    pid_t thread;
    enum cperf_trace_kind kind;
    int signal;
    uint64_t message;
};
enum cperf_trace_resume {
    /// Until the next event.
    CPERF_TRACE_ON,
    /// It stays stopped by its signal until that is over.
    CPERF_TRACE_LISTEN,
    /// Until the next event, or until it enters or leaves a system call.
    CPERF_TRACE_CALLS,
};
/// Whether a child of this process may be traced, which ends it. 0 or -errno.
int cperf_trace_try(pid_t child);
/// Traces a thread that runs, and what it creates from now on. A thread's requests are its tracer's, a thread as well.
int cperf_trace_seize(pid_t thread);
/// Whether a stopped thread, and what it creates, stops once more when it is about to end.
int cperf_trace_exits(pid_t thread, int stops);
/// `signal`: that is delivered then, or 0.
int cperf_trace_resume(pid_t thread, enum cperf_trace_resume how, int signal);
/// Waits for the next stop of a thread that the calling thread traces; -ECHILD without one.
int cperf_trace_wait(struct cperf_trace_stop *stop);
/// struct user_regs_struct; returns its size in bytes, which is smaller for 32-bit programs.
int cperf_trace_registers(pid_t thread, uint64_t *words, size_t count);
/// Where the signal comes from that a thread is stopped at.
int cperf_trace_signal(pid_t thread, int *code, pid_t *sender);
/// Reads another process's memory, up to where it ends; returns how many bytes.
ssize_t cperf_trace_read(pid_t process, uint64_t address, void *buffer, size_t size);
/// Has a stopped thread stop by SIGTRAP wherever it reaches one of at most four instructions, before it executes that, until
/// its next exec; with none it stops no more. 0 or -errno.
int cperf_trace_break(pid_t thread, const uint64_t *addresses, size_t count);
/// Stops a running thread as CPERF_STOP_TRAP.
int cperf_trace_interrupt(pid_t thread);
/// Whether a stopped thread blocks a signal; or -errno.
int cperf_trace_blocks(pid_t thread, int signal);
/// `code` of the SIGTRAP of such a stop.
enum { CPERF_TRAP_BREAK = 4 };
/// The system call that a thread is stopped at.
struct cperf_trace_call {
    /// Of linux/audit.h.
    uint32_t architecture;
    int is_entry;
    /// At its entry.
    uint64_t number, arguments[6];
    /// When it returns.
    int64_t result;
};
/// 0 or -errno (Linux 5.3).
int cperf_trace_call(pid_t thread, struct cperf_trace_call *call);
/// Whether a thread is its process's first.
int cperf_is_process(pid_t thread);
/// Whether a process exists, if only as a zombie.
int cperf_process_exists(pid_t process);
/// Has a signal end what the thread that receives it waits for, and nothing else.
int cperf_trace_interruptible(int signal);
/// Has the calling thread get a signal, whatever it was started with. 0 or -errno.
int cperf_receive(int signal);
/// Has the calling thread run on one CPU alone, of those that it was allowed at the first call, or with -1 on all of these again. 0 or
/// -errno. For one thread of a process.
int cperf_run_on(int cpu);
/// The calling thread's id.
pid_t cperf_thread(void);
/// Sends a signal to a thread of this process.
int cperf_signal_thread(pid_t thread, int signal);

// Packets of a SOCK_SEQPACKET socket, with a descriptor or none.

/// Sends a packet, and with it the descriptor `passed` unless that is negative. Returns 0 or -errno.
int cperf_packet_send(int socket, const void *bytes, size_t size, int passed);
/// Waits for a packet, for ever if `milliseconds` is negative. Returns its bytes, at most `size`, 0 once the other side has closed the
/// socket, or -errno. `passed` becomes the descriptor that came with it, which is the caller's, close-on-exec, or -1.
ssize_t cperf_packet_receive(int socket, void *bytes, size_t size, int milliseconds, int *passed);
/// Takes a name among those of the machine's sockets that are no files, until its descriptor is closed. Returns the descriptor, or
/// -errno, of which EADDRINUSE says that someone has it.
int cperf_bind_abstract(const char *name);

#endif
