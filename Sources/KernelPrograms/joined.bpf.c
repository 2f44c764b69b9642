// The joined recorder: follows the workload's processes in the kernel, and tells a spawn's life in a few records.
//
// A thread belongs to the workload if it has an entry in `lineage`, which every new process and thread gets whose creator
// has one. What a thread is inside of is kept there until its record is complete.
//
// Programs on system calls return 1: on 0 the kernel would drop the tracepoint's samples for every perf user of the
// machine (trace_call_bpf in kernel/trace/bpf_trace.c).
#include <linux/bpf.h>
#include "joined.bpf.h"

#define SECTION(name) __attribute__((section(name)))
#define INLINE static inline __attribute__((always_inline))
#define OWN_FUNCTION static __attribute__((noinline))
// The verifier looks at such a function once, whatever its arguments, which must be numbers (JoinedTypes.swift).
#define GLOBAL_FUNCTION __attribute__((noinline))
#define OFFSET(type, field) __builtin_offsetof(type, field)

// Helpers and kernel functions, by their numbers and names (linux/bpf.h, kernel/bpf/task_iter.c).
static void *(*const map_lookup)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static long (*const map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)BPF_FUNC_map_update_elem;
static u64 (*const now)(void) = (void *)BPF_FUNC_ktime_get_ns;
static u32 (*const current_cpu)(void) = (void *)BPF_FUNC_get_smp_processor_id;
static struct task_struct *(*const current_task)(void) = (void *)BPF_FUNC_get_current_task_btf;
static void *(*const storage)(void *map, struct task_struct *task, void *value, u64 flags) = (void *)BPF_FUNC_task_storage_get;
static void *(*const user_registers)(struct task_struct *task) = (void *)BPF_FUNC_task_pt_regs;
static long (*const read_kernel)(void *to, u32 size, const void *from) = (void *)BPF_FUNC_probe_read_kernel;
static long (*const read_user)(void *to, u32 size, const void *from) = (void *)BPF_FUNC_probe_read_user;
static long (*const read_kernel_string)(void *to, u32 size, const void *from) = (void *)BPF_FUNC_probe_read_kernel_str;
static long (*const read_user_string)(void *to, u32 size, const void *from) = (void *)BPF_FUNC_probe_read_user_str;
static void *(*const ring_reserve)(void *ring, u64 size, u64 flags) = (void *)BPF_FUNC_ringbuf_reserve;
static void (*const ring_submit)(void *record, u64 flags) = (void *)BPF_FUNC_ringbuf_submit;
static long (*const ring_output)(void *ring, void *record, u64 size, u64 flags) = (void *)BPF_FUNC_ringbuf_output;
static u64 (*const ring_query)(void *ring, u64 flags) = (void *)BPF_FUNC_ringbuf_query;
static long (*const call_chain)(void *context, void *to, u32 size, u64 flags) = (void *)BPF_FUNC_get_stack;
static long (*const under_cgroup)(void *groups, u32 index) = (void *)BPF_FUNC_current_task_under_cgroup;

struct bpf_iter_task_vma {
    u64 opaque[1];
};
extern int bpf_iter_task_vma_new(struct bpf_iter_task_vma *it, struct task_struct *task, u64 address);
extern struct vm_area_struct *bpf_iter_task_vma_next(struct bpf_iter_task_vma *it);
extern void bpf_iter_task_vma_destroy(struct bpf_iter_task_vma *it);

struct bpf_iter_num {
    u64 opaque[1];
};
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end);
extern int *bpf_iter_num_next(struct bpf_iter_num *it);
extern void bpf_iter_num_destroy(struct bpf_iter_num *it);

// The recorder creates the maps and fills in `config`; here they are only names (joined.bpf.o's relocations).
extern char lineage, ring, scratch, stacks, files, groups;

struct config {
    s64 words[WORDS];
};
extern const volatile struct config config;
struct counts {
    // By kind: records for which there was no room.
    u64 lost[18];
    // Files that were named.
    u64 files;
    // Set once all programs are attached: before, calls would lack what was known when they were entered.
    u64 is_enabled;
};
extern struct counts counts;

enum { IS_RESTARTING = 1, IS_ENDED = 2, ONLY_CHECKS = 4, NAMED_BY_OWNER = 8 };

// What is kept of a thread; the part from `signal` on of its process, in its leader's entry.
struct thread {
    // The creating call that it is inside of, and the child once it exists.
    u64 entered;
    s32 child;
    u32 flags;
    // Its process's first run, until a record has told it.
    u64 ran;
    // The exec call that it is inside of.
    u64 attempted;
    u64 path;
    s32 directory;
    // The wait.
    s32 awaited;
    u64 began;
    u64 information;
    s32 which;
    u32 options;
    // The address space whose mappings it has told, by what shows that they may have changed, and a hash of those that it told.
    u64 mm, layout, mapped;
    s32 signal, signal_code, sender, unused;
    char sender_comm[16];
};

// JoinedMaps.swift creates maps of these sizes.
_Static_assert(sizeof(struct thread) == 128, "lineage");
_Static_assert(sizeof(struct config) == 832, "config");
_Static_assert(sizeof(struct counts) == 160, "counts");
_Static_assert(sizeof(struct born) == 392, "stacks, with the stack");
_Static_assert(sizeof(struct file_named) <= 4432 && sizeof(struct executed) <= 4432, "scratch");

// Places in `scratch`: programs of different tracepoints may run at the same time on one CPU where the kernel preempts them.
enum { OF_MAPPINGS, OF_EXEC, OF_PATH };

// A file that has been named, as the processes of one root directory see it.
struct file_key {
    u64 dentry;
    u64 inode;
    u64 hash;
    u64 root;
};

// Fields of the kernel's structs, by a helper: for a plain load the verifier looks the struct's name up among all types
// of the kernel, which takes half a millisecond each.
INLINE u64 load_64(const void *address) {
    u64 value = 0;
    read_kernel(&value, 8, address);
    return value;
}
INLINE u32 load_32(const void *address) {
    u32 value = 0;
    read_kernel(&value, 4, address);
    return value;
}
#define WORD(base, word) load_64((const char *)(base) + config.words[word])
#define HALF(base, word) load_32((const char *)(base) + config.words[word])
#define IS_KNOWN(word) (config.words[word] >= 0)

// The one plain load: what comes of it is a task for which storage can be looked up.
#define LEADER(task) (*(struct task_struct **)((char *)(task) + config.words[TASK_LEADER]))

INLINE u64 wake(void) {
    return ring_query(&ring, BPF_RB_AVAIL_DATA) > config.words[WAKE_AT] ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

INLINE void lose(u32 kind) { __sync_fetch_and_add(&counts.lost[kind], 1); }

// The number in the recorder's pid namespace of a struct pid, 0 if it has none there.
INLINE s32 number_of(const char *pid) {
    if (config.words[NAMESPACE] != 0) {
        if (HALF(pid, PID_LEVEL) < config.words[NAMESPACE_LEVEL]) return 0;
        // struct upid: { int nr; struct pid_namespace *ns; }
        if (load_64(pid + config.words[PID_NUMBER] + 8) != config.words[NAMESPACE]) return 0;
    }
    return HALF(pid, PID_NUMBER);
}

// A task's number there, by its own struct pid or, for a process, its leader's.
INLINE s32 number(struct task_struct *task, int in_initial) {
    if (config.words[NAMESPACE] == 0) return HALF(task, in_initial);
    const char *pid = (const char *)WORD(in_initial == TASK_TGID ? (void *)WORD(task, TASK_LEADER) : task, TASK_THREAD_PID);
    return number_of(pid);
}

// The entry of the current thread, if it belongs to the workload.
INLINE struct thread *entry(void) {
    u64 flags = 0;
    if (config.words[FOLLOWS] != ITS_CHILDREN && *(volatile u64 *)&counts.is_enabled) {
        if (config.words[FOLLOWS] == A_GROUP && under_cgroup(&groups, 0) != 1) return 0;
        flags = BPF_LOCAL_STORAGE_GET_F_CREATE;
    }
    return storage(&lineage, current_task(), 0, flags);
}

// Whether capabilities over a user namespace are the owner's as well: its outermost ancestor below the initial one is theirs.
INLINE int is_owners_namespace(const char *space, s64 owner) {
    for (int step = 0; step < 4; step++) {
        if (HALF(space, NAMESPACE_DEPTH) <= 1) break;
        space = (const char *)WORD(space, NAMESPACE_PARENT);
    }
    return HALF(space, NAMESPACE_DEPTH) == 1 && HALF(space, NAMESPACE_OWNER) == owner;
}

// Whether the owner of the recording may read the memory of the current process: it has the owner's ids alone, is dumpable
// (1 is SUID_DUMP_USER: it has executed nothing that gave it rights or cannot be read), and has no capabilities but in a
// user namespace of the owner's. What ptrace(2) asks for (__ptrace_may_access in kernel/ptrace.c), and a little more.
OWN_FUNCTION int may_read(struct task_struct *task) {
    s64 owner = config.words[OWNER], group = config.words[OWNER_GROUP];
    if (owner < 0) return 1;
    const char *mm = (const char *)WORD(task, TASK_MM), *credentials = (const char *)WORD(task, TASK_CREDENTIALS);
    if (!mm) return 0;
    u32 dumpable = 0;
    if (IS_KNOWN(TASK_EXEC_STATE)) {
        const char *state = (const char *)WORD(task, TASK_EXEC_STATE);
        if (state) dumpable = HALF(state, STATE_DUMPABLE);
    } else {
        dumpable = HALF(mm, MM_FLAGS) & 3;
    }
    if (dumpable != 1) return 0;
    if (HALF(credentials, CRED_USER) != owner || HALF(credentials, CRED_EFFECTIVE_USER) != owner
        || HALF(credentials, CRED_SAVED_USER) != owner || HALF(credentials, CRED_GROUP) != group
        || HALF(credentials, CRED_EFFECTIVE_GROUP) != group || HALF(credentials, CRED_SAVED_GROUP) != group)
        return 0;
    const char *space = (const char *)WORD(credentials, CRED_NAMESPACE);
    if (HALF(space, NAMESPACE_DEPTH) == 0) return WORD(credentials, CRED_PERMITTED) == 0;
    return is_owners_namespace(space, owner);
}

INLINE void begin(struct head *head, u32 kind, struct task_struct *task, u64 time, struct thread *thread) {
    head->kind = kind;
    head->cpu = current_cpu();
    head->pid = number(task, TASK_TGID);
    head->tid = number(task, TASK_PID);
    head->time = time;
    read_kernel(head->comm, 16, (char *)task + config.words[TASK_COMM]);
    head->ran = thread->ran;
    thread->ran = 0;
}

// The id of a task's control group in the unified hierarchy; 0 where the kernel has no such thing.
INLINE u64 group_of(struct task_struct *task) {
    if (!IS_KNOWN(TASK_GROUPS) || !IS_KNOWN(GROUPS_UNIFIED) || !IS_KNOWN(GROUP_NODE) || !IS_KNOWN(NODE_ID)) return 0;
    const char *group = (const char *)WORD(WORD(task, TASK_GROUPS), GROUPS_UNIFIED);
    return WORD(WORD(group, GROUP_NODE), NODE_ID);
}

// MARK: - The files and mappings of a process

#define READ(to, base, word) read_kernel(&(to), sizeof(to), (const char *)(base) + config.words[word])

// Where a file is, and its inode, as its user sees them (file_user_path and file_user_inode of linux/fs.h): what is mapped of
// a file of overlayfs is the one below, in another directory.
struct seen {
    char *dentry, *mount, *inode;
};
// FMODE_BACKING is bit 25 of a file's mode, or since Linux 6.14 and in some before bit 24, when the other means something else.
// So the mount decides, too: a private one of overlayfs (MNT_NS_INTERNAL), but not the kernel's own, as of memfd_create
// (SB_KERNMOUNT).
enum { MAY_BE_BACKING = 3 << 24, IS_KERNELS = 1 << 22 };
#define INTERNAL (-22ull)
INLINE struct seen seen(const char *file) {
    struct seen seen = {};
    READ(seen.dentry, file, FILE_DENTRY);
    READ(seen.mount, file, FILE_MOUNT);
    READ(seen.inode, file, FILE_INODE);
    if (!IS_KNOWN(USER_DENTRY) || !(HALF(file, FILE_MODE) & MAY_BE_BACKING)) return seen;
    if (WORD(seen.mount - config.words[MOUNT_INNER], MOUNT_NAMESPACE) != INTERNAL) return seen;
    if (WORD(WORD(seen.inode, INODE_SUPER), SUPER_FLAGS) & IS_KERNELS) return seen;
    READ(seen.dentry, file, USER_DENTRY);
    READ(seen.mount, file, USER_MOUNT);
    READ(seen.inode, seen.dentry, DENTRY_INODE);
    return seen;
}

// Tells a file's path, unless it has been told before: from its dentry up to its process's root, as d_path of the kernel
// does (prepend_path in fs/d_path.c). `fs` is the process's fs_struct. Returns the number by which other records name it.
GLOBAL_FUNCTION u64 name_file(const char *fs, const char *file, u32 place) {
    struct seen seen_file = seen(file);
    char *dentry = seen_file.dentry, *inner = seen_file.mount, *root_dentry = 0, *root_inner = 0;
    READ(root_inner, fs, FS_ROOT_MOUNT);
    READ(root_dentry, fs, FS_ROOT_DENTRY);
    struct file_key key = {.dentry = (u64)dentry, .root = (u64)root_dentry ^ (u64)root_inner};
    READ(key.inode, seen_file.inode, INODE_NUMBER);
    // struct qstr: { u32 hash; u32 length; name }
    READ(key.hash, dentry, DENTRY_NAME);
    u64 *known = map_lookup(&files, &key);
    if (known) return *known;
    // No address of the kernel's: who reads the ring may have no right to know any.
    u64 named = __sync_fetch_and_add(&counts.files, 1) + 1;
    struct file_named *record = map_lookup(&scratch, &place);
    if (!record) return 0;
    record->head.kind = FILE_NAMED;
    record->head.time = now();
    record->file = named;
    u64 hashed = 0;
    read_kernel(&hashed, 8, dentry + config.words[DENTRY_HASH] + 8);  // hlist_bl_node.pprev
    record->deleted = !hashed;
    // An iterator of the kernel's, and counts in the record: the verifier would follow every way through a plain loop,
    // with every value that the counts can have.
    record->size = record->count = 0;
    struct bpf_iter_num steps;
    bpf_iter_num_new(&steps, 0, COMPONENTS);
    while (bpf_iter_num_next(&steps)) {
        u32 size = *(volatile u32 *)&record->size;
        if (size > PATH_SIZE) break;
        if (dentry == root_dentry && inner == root_inner) break;
        char *parent = 0, *top = 0;
        READ(parent, dentry, DENTRY_PARENT);
        READ(top, inner, INNER_ROOT);
        if (dentry == top) {
            char *mount = inner - config.words[MOUNT_INNER], *above = 0;
            READ(above, mount, MOUNT_PARENT);
            if (above == mount) break;
            READ(dentry, mount, MOUNT_POINT);
            inner = above + config.words[MOUNT_INNER];
            continue;
        }
        // A file without a directory, as of memfd_create, has a name all the same.
        if (dentry == parent && record->count > 0) break;
        const char *name = 0;
        read_kernel(&name, 8, dentry + config.words[DENTRY_NAME] + 8);
        s64 length = read_kernel_string(record->names + size, COMPONENT_SIZE, name);
        if (length <= 0 || length > COMPONENT_SIZE) break;
        record->size = size + length;
        record->count++;
        if (dentry == parent) break;
        dentry = parent;
    }
    bpf_iter_num_destroy(&steps);
    u32 size = *(volatile u32 *)&record->size;
    if (size > PATH_SIZE + COMPONENT_SIZE) return 0;
    if (ring_output(&ring, record, OFFSET(struct file_named, names) + size, BPF_RB_NO_WAKEUP)) {
        lose(FILE_NAMED);
        return named;
    }
    // Only now, so that no record of another CPU names it before.
    map_update(&files, &key, &named, BPF_ANY);
    return named;
}

enum { VM_EXEC = 4, MOST_MAPPINGS = 16384 };

// A hash of where the executable mappings of the current process are.
OWN_FUNCTION u64 hash_mappings(struct task_struct *task) {
    u64 hash = 0;
    struct bpf_iter_task_vma iterator;
    struct vm_area_struct *area;
    bpf_iter_task_vma_new(&iterator, task, 0);
    while ((area = bpf_iter_task_vma_next(&iterator))) {
        if (!(WORD(area, VMA_FLAGS) & VM_EXEC)) continue;
        hash = (hash ^ WORD(area, VMA_START)) * 0x9e3779b97f4a7c15;
        hash = (hash ^ WORD(area, VMA_END)) * 0x9e3779b97f4a7c15;
    }
    bpf_iter_task_vma_destroy(&iterator);
    return hash | 1;
}

// Tells the executable mappings of the current process.
OWN_FUNCTION int tell_mappings(struct task_struct *task, s32 pid) {
    struct mm_struct *mm = (void *)WORD(task, TASK_MM);
    if (!mm) return 0;
    const char *fs = (const char *)WORD(task, TASK_FS);
    u64 vdso = WORD(mm, MM_VDSO), time = now();
    struct bpf_iter_task_vma iterator;
    struct vm_area_struct *area;
    bpf_iter_task_vma_new(&iterator, task, 0);
    while ((area = bpf_iter_task_vma_next(&iterator))) {
        u64 flags = WORD(area, VMA_FLAGS);
        if (!(flags & VM_EXEC)) continue;
        char *file = (char *)WORD(area, VMA_FILE);
        u64 named = file ? name_file(fs, file, OF_MAPPINGS) : 0;
        struct mapped *record = ring_reserve(&ring, sizeof *record, 0);
        if (!record) {
            lose(MAPPED);
            continue;
        }
        record->head = (struct head){.kind = MAPPED, .pid = pid, .tid = pid, .time = time};
        record->start = WORD(area, VMA_START);
        record->end = WORD(area, VMA_END);
        record->offset = WORD(area, VMA_OFFSET);
        record->flags = flags;
        record->special = record->start == vdso;
        record->file = named;
        record->inode = record->device = 0;
        if (file) {
            char *inode = seen(file).inode, *super = 0;
            READ(super, inode, INODE_SUPER);
            READ(record->inode, inode, INODE_NUMBER);
            READ(record->device, super, SUPER_DEVICE);
        }
        ring_submit(record, BPF_RB_NO_WAKEUP);
    }
    bpf_iter_task_vma_destroy(&iterator);
    return 0;
}

// MARK: - Creations

// How much of the stack is in use, from the stack pointer to the end of the thread's stack: the main thread's, a
// goroutine's, or another thread's of the C library, whose descriptor lies at its end. The limit where none fits.
INLINE u64 live_size(struct task_struct *task, u64 sp) {
    u64 limit = config.words[STACK_LIMIT];
    struct mm_struct *mm = (void *)WORD(task, TASK_MM);
    if (!mm) return 0;
    u64 end = WORD(mm, MM_STACK);
    if (sp < end && end - sp < (8 << 20)) return end - sp + 8;
    u64 base = WORD(task, TASK_THREAD_BASE);
    if (!base) return limit;
    // Go's runtime.g is at -8(FS); it begins with { stack.lo, stack.hi }.
    struct {
        u64 low, high;
    } stack = {};
    const void *goroutine = 0;
    if (!read_user(&goroutine, 8, (void *)(base - 8)) && goroutine && !read_user(&stack, 16, goroutine)
        && stack.low <= sp && sp < stack.high && stack.high - stack.low <= (1u << 30))
        end = stack.high;
    else if (sp < base && base - sp < (64 << 20))
        end = base;
    else
        return limit;
    return end - sp;
}

enum { PAGE = 4096 };

// Reads as many whole pages as are there, from an address on or up to one, and at most `most` bytes with the part of a
// page before them: pages are missing that nobody has written to. In ever smaller steps; the number of pages is kept in
// memory, or the verifier would follow each that it can be.
INLINE u64 read_present(char *to, u64 most, u64 place, int is_end, volatile u32 *pages) {
    u64 part = is_end ? ((place - 1) & (PAGE - 1)) + 1 : PAGE - (place & (PAGE - 1));
    if (part > most || read_user(to, part, (void *)(is_end ? place - part : place))) return 0;
    *pages = 0;
    for (u32 step = 16; step; step >>= 1) {
        u64 size = part + (*pages + step) * (u64)PAGE;
        if (size > most) continue;
        if (!read_user(to, size, (void *)(is_end ? place - size : place))) *pages += step;
    }
    return part + *pages * (u64)PAGE;
}

// Puts a stack behind the record, and returns how many bytes of it are there. Of one that is longer than the limit both
// ends, and of one with pages that are missing: a frame may be as large, and its caller's words are above it.
OWN_FUNCTION u64 read_stack(struct born *record, u64 sp, u64 size) {
    u64 limit = config.words[STACK_LIMIT], half = limit / 2 & ~7ull;
    char *stack = (char *)(record + 1);
    if (size <= limit && !read_user(stack, size, (void *)sp)) return size;
    u64 inner = half, outer = half;
    if (size <= limit || read_user(stack, half, (void *)sp) || read_user(stack + half, half, (void *)(sp + size - half))) {
        inner = read_present(stack, half, sp, 0, &record->skipped);
        outer = read_present(stack + half, half, sp + size, 1, &record->skipped);
        if (inner > size) inner = size;
        if (outer > size - inner) outer = size - inner;
        if (inner > half || outer > half || read_user(stack, inner, (void *)sp)) return 0;
        if (read_user(stack + inner, outer, (void *)(sp + size - outer))) outer = 0;
    }
    record->outer = outer;
    record->skipped = size - inner - outer;
    return inner + outer;
}

// Tells a creation. The record is put together in memory of the CPU's own, since the ring would want its size to be a
// constant.
OWN_FUNCTION int tell_born(u64 *context, struct task_struct *task, struct task_struct *child, struct thread *thread) {
    u32 cpu = current_cpu();
    struct born *record = map_lookup(&stacks, &cpu);
    if (!record) {
        lose(BORN);
        return 0;
    }
    begin(&record->head, BORN, task, now(), thread);
    record->entered = thread->entered;
    record->flags = context[1];
    record->child = number(child, TASK_TGID);
    record->tables = 0;
    record->resident = -1;
    struct mm_struct *mm = (void *)WORD(task, TASK_MM);
    if (mm) {
        record->tables = WORD(mm, MM_TABLES);
        if (IS_KNOWN(MM_RESIDENT)) {
            s64 pages = 0;
            // File, anonymous and shared memory, without what is swapped out.
            const char *counters = (const char *)mm + config.words[MM_RESIDENT];
            s64 count = load_64(counters);
            pages += count > 0 ? count : 0;
            count = load_64(counters + config.words[RESIDENT_STRIDE]);
            pages += count > 0 ? count : 0;
            count = load_64(counters + 3 * config.words[RESIDENT_STRIDE]);
            pages += count > 0 ? count : 0;
            record->resident = pages * config.words[PAGE_SIZE];
        }
    }
    read_kernel(record->comm, 16, (char *)WORD(task, TASK_LEADER) + config.words[TASK_COMM]);
    record->group = group_of(child);
    record->skipped = record->outer = 0;
    u64 size = 0;
    if (!may_read(task)) {
        __builtin_memset(record->registers, 0, sizeof record->registers);
    } else if (config.words[STACK_LIMIT] > 0) {
        const char *registers = user_registers(task);
        read_kernel(record->registers, config.words[REGISTERS_SIZE], registers);
        u64 sp = WORD(registers, REGISTERS_STACK);
        size = read_stack(record, sp, live_size(task, sp));
        u64 limit = config.words[STACK_LIMIT];
        if (size > limit) size = limit;
    } else {
        s64 length = call_chain(context, record + 1, CALLERS * 8, BPF_F_USER_STACK);
        if (length > 0 && length <= CALLERS * 8) size = length;
    }
    record->stack = size;
    if (!ring_output(&ring, record, sizeof *record + size, wake())) return 0;
    // Where there is no room for the stack there may be for the rest.
    record->stack = 0;
    if (size == 0 || ring_output(&ring, record, sizeof *record, wake())) lose(BORN);
    return 0;
}

enum { CLONE_THREAD = 0x10000 };

INLINE void tell_first_run(struct task_struct *task, struct thread *thread) {
    struct first_run *record = ring_reserve(&ring, sizeof *record, 0);
    if (!record) {
        lose(FIRST_RUN);
        return;
    }
    begin(&record->head, FIRST_RUN, task, now(), thread);
    ring_submit(record, wake());
}

SECTION("tp_btf/task_newtask") int created(u64 *context) {
    struct task_struct *child = (void *)context[0];
    u64 flags = context[1];
    struct thread *thread = entry();
    if (!thread) return 0;
    struct task_struct *task = current_task();
    struct thread *born = storage(&lineage, child, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (!born) {
        lose(BORN);
        return 0;
    }
    if (flags & CLONE_THREAD) {
        // From now on it would be unknown which thread has the next record of the process.
        if (thread->ran) tell_first_run(task, thread);
        return 0;
    }
    thread->child = number(child, TASK_TGID);
    struct mm_struct *mm = (void *)WORD(task, TASK_MM);
    if (mm && config.words[TELLS_MAPPINGS] > 0 && config.words[OWNER] >= 0 && HALF(mm, MM_MAP_COUNT) > MOST_MAPPINGS) {
        // To go through them takes long, and nothing else runs on this CPU meanwhile.
        if (thread->mm != (u64)mm) lose(MAPPED);
        thread->mm = (u64)mm;
        thread->layout = 0;
    } else if (mm && config.words[TELLS_MAPPINGS] > 0 && may_read(task)) {
        // Compilers' memory, which may be written to as well, is not in exec_vm.
        u64 layout = WORD(mm, MM_EXEC_VM) << 24 ^ HALF(mm, MM_MAP_COUNT);
        if (thread->mm != (u64)mm || thread->layout != layout) {
            u64 mapped = hash_mappings(task);
            if (thread->mm != (u64)mm || thread->mapped != mapped) tell_mappings(task, number(task, TASK_TGID));
            thread->mm = (u64)mm;
            thread->layout = layout;
            thread->mapped = mapped;
        }
    }
    tell_born(context, task, child, thread);
    return 0;
}

// What the kernel writes for a system call: sys_enter_* and sys_exit_* of its tracefs. Behind the number it leaves what its
// stack held.
struct call {
    u64 common;
    s32 number;
    u32 unset;
    u64 arguments[6];
};
struct result {
    u64 common;
    s32 number;
    u32 unset;
    s64 value;
};

INLINE int enter_creation(u64 flags) {
    if (flags & CLONE_THREAD) return 1;
    struct thread *thread = entry();
    if (!thread) return 1;
    // A call that a signal interrupted goes on.
    if (!(thread->flags & IS_RESTARTING)) thread->entered = now();
    thread->flags &= ~IS_RESTARTING;
    thread->child = 0;
    return 1;
}

// ERESTARTSYS to ERESTART_RESTARTBLOCK: the kernel restarts the call, or it fails with EINTR (linux/errno.h).
INLINE int is_restart(s64 result) { return result <= -512 && result >= -516; }

INLINE int exit_creation(struct task_struct *task, struct thread *thread, s64 result, u32 threads) {
    if (result == 0) {
        // The child's first run; of a thread, too, for which it does not matter.
        if (HALF(task, TASK_PID) != HALF(task, TASK_TGID)) return 1;
        thread->ran = now();
        if (config.words[TELLS_AT_ONCE] > 0) tell_first_run(task, thread);
        return 1;
    }
    if (is_restart(result)) {
        thread->flags |= IS_RESTARTING;
        return 1;
    }
    if (result < 0 || thread->child) {
        struct creation_returned *record = ring_reserve(&ring, sizeof *record, 0);
        if (record) {
            begin(&record->head, CREATION_RETURNED, task, now(), thread);
            record->entered = thread->entered;
            record->result = result;
            record->threads = threads;
            record->unused = 0;
            ring_submit(record, wake());
        } else {
            lose(CREATION_RETURNED);
        }
    }
    thread->entered = 0;
    thread->child = 0;
    return 1;
}

// MARK: - Execs

enum { EFAULT = 14, AT_FDCWD = -100, AT_EXECVE_CHECK = 0x10000 };

INLINE int enter_exec(struct thread *thread, u64 path, s32 directory) {
    thread->attempted = now();
    thread->flags &= ~NAMED_BY_OWNER;
    if (may_read(current_task())) thread->flags |= NAMED_BY_OWNER;
    thread->path = path;
    thread->directory = directory;
    if (config.words[TELLS_AT_ONCE] > 0) {
        struct attempted *record = ring_reserve(&ring, sizeof *record, 0);
        if (record) {
            begin(&record->head, ATTEMPTED, current_task(), thread->attempted, thread);
            ring_submit(record, wake());
        } else {
            lose(ATTEMPTED);
        }
    }
    return 1;
}

OWN_FUNCTION int tell_failed(struct task_struct *task, struct thread *thread, s64 result) {
    struct exec_failed *record = ring_reserve(&ring, sizeof *record, 0);
    if (!record) {
        lose(EXEC_FAILED);
        return 0;
    }
    begin(&record->head, EXEC_FAILED, task, now(), thread);
    record->entered = thread->attempted;
    record->result = result;
    record->directory = thread->directory;
    // The helper does not fault pages in, but the kernel read this string a moment ago.
    s64 length = -EFAULT;
    if (thread->attempted && may_read(task)) length = read_user_string(record->text, FAILED_PATH_SIZE, (void *)thread->path);
    record->error = length < 0 ? length : 0;
    record->path = PLACE(struct exec_failed, text, length < 0 ? 0 : length);
    record->unused = 0;
    ring_submit(record, wake());
    thread->attempted = 0;
    return 0;
}

INLINE int exit_exec(struct task_struct *task, struct thread *thread, s64 result) {
    if (thread->flags & ONLY_CHECKS) {
        thread->flags &= ~ONLY_CHECKS;
        return 1;
    }
    if (result == 0) {
        struct exec_returned *record = ring_reserve(&ring, sizeof *record, 0);
        if (record) {
            begin(&record->head, EXEC_RETURNED, task, now(), thread);
            ring_submit(record, wake());
        } else {
            lose(EXEC_RETURNED);
        }
        thread->attempted = 0;
    } else if (is_restart(result)) {
        thread->attempted = 0;
    } else {
        tell_failed(task, thread, result);
    }
    return 1;
}

SECTION("tp_btf/sched_process_exec") int executed(u64 *context) {
    struct task_struct *task = (void *)context[0];
    struct linux_binprm *binprm = (void *)context[2];
    struct thread *thread = entry();
    if (!thread) return 0;
    const char *file = (const char *)WORD(binprm, BINPRM_FILE), *inode = seen(file).inode, *super = 0;
    // Where programs of other rights are is not the owner's to know.
    int is_told = thread->flags & NAMED_BY_OWNER || may_read(task);
    thread->flags &= ~NAMED_BY_OWNER;
    u64 named = 0;
    if (is_told && config.words[TELLS_FILES] > 0) named = name_file((const char *)WORD(task, TASK_FS), file, OF_EXEC);
    u32 place = OF_PATH;
    struct executed *record = map_lookup(&scratch, &place);
    if (!record) return 0;
    begin(&record->head, EXECUTED, task, now(), thread);
    record->entered = thread->attempted;
    record->arguments = record->environment = record->inode = record->device = 0;
    struct mm_struct *mm = (void *)WORD(task, TASK_MM);
    if (mm && is_told) {
        record->arguments = WORD(mm, MM_ARG_END) - WORD(mm, MM_ARG_START);
        record->environment = WORD(mm, MM_ENV_END) - WORD(mm, MM_ENV_START);
    }
    // The thread that made the call has the leader's id by now.
    read_kernel(record->comm, 16, (char *)task + config.words[TASK_COMM]);
    if (is_told) {
        READ(record->inode, inode, INODE_NUMBER);
        READ(super, inode, INODE_SUPER);
        READ(record->device, super, SUPER_DEVICE);
    }
    record->file = named;
    record->group = group_of(task);
    s64 length = 0;
    if (is_told) length = read_kernel_string(record->text, PATH_SIZE, (const char *)WORD(binprm, BINPRM_FILENAME));
    if (length < 0 || length > PATH_SIZE) length = 0;
    record->path = PLACE(struct executed, text, length);
    thread->attempted = 0;
    thread->mm = 0;
    if (ring_output(&ring, record, OFFSET(struct executed, text) + length, wake())) lose(EXECUTED);
    return 0;
}

// MARK: - Control groups

// Of those that were there before, the recorder finds the paths itself. This one may be gone before it looks.
SECTION("tp_btf/cgroup_mkdir") int group_made(u64 *context) {
    const char *group = (const char *)context[0];
    if (!IS_KNOWN(GROUP_NODE) || !IS_KNOWN(GROUP_ROOT) || !IS_KNOWN(NODE_ID) || !IS_KNOWN(ROOT_HIERARCHY)) return 0;
    // Whose memory may not be read, of those no group is told either: this one may be anybody's.
    if (config.words[OWNER] >= 0) return 0;
    // Those of version 1 have ids of their own.
    if (HALF(WORD(group, GROUP_ROOT), ROOT_HIERARCHY) != 0) return 0;
    struct group_named *record = ring_reserve(&ring, sizeof *record, 0);
    if (!record) {
        lose(GROUP_NAMED);
        return 0;
    }
    record->head = (struct head){.kind = GROUP_NAMED, .time = now()};
    record->group = WORD(WORD(group, GROUP_NODE), NODE_ID);
    s64 length = read_kernel_string(record->path, GROUP_PATH_SIZE, (const char *)context[1]);
    record->size = length > 0 ? length : 0;
    record->unused = 0;
    ring_submit(record, wake());
    return 0;
}

// MARK: - Ends

enum { SIGNAL_GROUP_EXIT = 4 };

SECTION("tp_btf/sched_process_exit") int ended(u64 *context) {
    struct task_struct *task = (void *)context[0];
    struct thread *thread = storage(&lineage, task, 0, 0);
    // Killed inside an exec: by an exec of another thread, or with its process.
    if (thread && thread->attempted) tell_failed(task, thread, 0);
    char *signal = (char *)WORD(task, TASK_SIGNAL);
    int is_last = 0;
    if (config.words[TELLS_GROUP_DEAD] > 0)
        is_last = context[1] & 1;
    else
        is_last = HALF(signal, SIGNAL_LIVE) == 0;
    if (!is_last) return 0;
    struct task_struct *leader = LEADER(task);
    struct thread *process = storage(&lineage, leader, 0, 0);
    if (!process || process->flags & IS_ENDED) return 0;
    process->flags |= IS_ENDED;
    struct ended *record = ring_reserve(&ring, sizeof *record, 0);
    if (!record) {
        lose(ENDED);
        return 0;
    }
    begin(&record->head, ENDED, task, now(), process);
    record->code =
        HALF(signal, SIGNAL_FLAGS) & SIGNAL_GROUP_EXIT ? HALF(signal, SIGNAL_GROUP_CODE) : HALF(leader, TASK_EXIT_CODE);
    record->signal = process->signal;
    record->signal_code = process->signal_code;
    record->sender = process->sender;
    __builtin_memcpy(record->sender_comm, process->sender_comm, 16);
    ring_submit(record, wake());
    return 0;
}

enum { SIGCHLD = 17, SIGURG = 23, SIGWINCH = 28 };

SECTION("tp_btf/signal_generate") int signalled(u64 *context) {
    s32 signal = context[0];
    const char *information = (const char *)context[1];
    struct task_struct *target = (void *)context[2];
    s32 result = context[4];
    if (signal == SIGWINCH || (signal > SIGCHLD && signal <= SIGURG)) return 0;
    struct task_struct *task = current_task();
    s32 code = 0;
    if (information == (const char *)1)
        code = 0x80;  // SEND_SIG_PRIV
    else if (information)
        read_kernel(&code, 4, information + config.words[SIGINFO_CODE]);
    if (signal == SIGCHLD) {
        // CLD_EXITED, CLD_KILLED or CLD_DUMPED: in an ending process, for itself and for each zombie that it leaves.
        if (code < 1 || code > 3) return 0;
        struct thread *thread = storage(&lineage, task, 0, 0);
        if (!thread) return 0;
        struct parent_told *record = ring_reserve(&ring, sizeof *record, 0);
        if (!record) {
            lose(PARENT_TOLD);
            return 0;
        }
        begin(&record->head, PARENT_TOLD, task, now(), thread);
        record->target = number(target, TASK_TGID);
        record->unused = 0;
        ring_submit(record, wake());
        return 0;
    }
    // TRACE_SIGNAL_DELIVERED is 0: neither ignored nor already pending.
    if (result != 0) return 0;
    struct task_struct *leader = LEADER(target);
    struct thread *process = storage(&lineage, leader, 0, 0);
    if (!process) return 0;
    process->signal = signal;
    process->signal_code = code;
    // The kernel's own (a timer's, a terminal's) come in whatever process is running; a process's are of kill, sigqueue and
    // tgkill (SI_USER, SI_QUEUE, SI_TKILL).
    if (code == 0 || code == -1 || code == -6 || storage(&lineage, LEADER(task), 0, 0)) {
        process->sender = number(task, TASK_TGID);
        read_kernel(process->sender_comm, 16, (char *)WORD(task, TASK_LEADER) + config.words[TASK_COMM]);
    } else {
        process->sender = 0;
        __builtin_memset(process->sender_comm, 0, 16);
    }
    return 0;
}

// MARK: - Waits

SECTION("tp_btf/sched_process_wait") int wait_begins(u64 *context) {
    struct thread *thread = entry();
    if (!thread) return 0;
    thread->began = now();
    thread->awaited = 0;
    const char *pid = (const char *)context[0];
    if (pid) thread->awaited = number_of(pid);
    return 0;
}

INLINE void tell_waited(struct thread *thread, s64 result, s32 which, u32 options, s32 reaped) {
    struct waited *record = ring_reserve(&ring, sizeof *record, 0);
    if (!record) {
        lose(WAITED);
        return;
    }
    begin(&record->head, WAITED, current_task(), now(), thread);
    record->began = thread->began;
    record->result = result;
    record->awaited = thread->awaited;
    record->which = which;
    record->options = options;
    record->reaped = reaped;
    ring_submit(record, wake());
    thread->began = 0;
}

enum { WNOWAIT = 0x1000000 };

INLINE int exit_waitid(struct thread *thread) {
    s32 reaped = 0;
    // P_PID and P_PIDFD are odd, and name the child.
    if (!(thread->which & 1) && !(thread->options & WNOWAIT) && thread->information) {
        // siginfo_t from si_code on: { si_code, padding, si_pid }.
        s32 found[3] = {};
        if (!read_user(found, 12, (void *)(thread->information + 8)) && found[0] >= 1 && found[0] <= 3) reaped = found[2];
    }
    tell_waited(thread, 0, thread->which, thread->options, reaped);
    return 1;
}

SECTION("tp_btf/io_uring_create") int ring_made(u64 *context) {
    struct thread *thread = entry();
    if (!thread) return 0;
    struct ring_created *record = ring_reserve(&ring, sizeof *record, 0);
    if (!record) {
        lose(RING_CREATED);
        return 0;
    }
    begin(&record->head, RING_CREATED, current_task(), now(), thread);
    ring_submit(record, wake());
    return 0;
}

// MARK: - System calls

// Few programs, since each that is loaded takes half a millisecond. The kernel refuses one for a call with fewer arguments
// than it reads.
SECTION("tracepoint/enter_creation") int enter_other(struct call *call) { return enter_creation(0); }

SECTION("tracepoint/enter_execve") int enter_execve(struct call *call) {
    struct thread *thread = entry();
    return thread ? enter_exec(thread, call->arguments[0], AT_FDCWD) : 1;
}

// clone, execveat and waitid.
SECTION("tracepoint/enter") int enter(struct call *call) {
    s32 number = call->number;
    if (number == config.words[CALL_CLONE]) return enter_creation(call->arguments[0]);
    struct thread *thread = entry();
    if (!thread) return 1;
    if (number == config.words[CALL_EXECVEAT]) {
        // Such a call executes nothing.
        if (call->arguments[4] & AT_EXECVE_CHECK)
            thread->flags |= ONLY_CHECKS;
        else
            enter_exec(thread, call->arguments[1], call->arguments[0]);
    } else if (number == config.words[CALL_WAITID]) {
        thread->which = call->arguments[0];
        thread->information = call->arguments[2];
        thread->options = call->arguments[3];
        thread->began = 0;
    }
    return 1;
}

SECTION("tracepoint/exit") int leave(struct result *call) {
    s32 number = call->number;
    struct task_struct *task = current_task();
    struct thread *thread = entry();
    if (!thread) return 1;
    if (number == config.words[CALL_WAIT4]) {
        if (call->value >= 0) tell_waited(thread, call->value, -1, 0, 0);
        return 1;
    }
    if (number == config.words[CALL_WAITID]) {
        if (call->value == 0) exit_waitid(thread);
        return 1;
    }
    if (number == config.words[CALL_EXECVE] || number == config.words[CALL_EXECVEAT]) return exit_exec(task, thread, call->value);
    return exit_creation(task, thread, call->value, number == config.words[CALL_CLONE] || number == config.words[CALL_CLONE3]);
}

// MARK: - CPU samples

// On a clock event of the recorder's own, which alone it is for: 0 drops the sample.
SECTION("perf_event/sampled") int sampled(void *context) { return entry() != 0; }
