// What the joined recorder's programs share with the recorder: the words of their configuration and the records of
// their ring. JoinedLayout.swift, JoinedRecords.swift and JoinedEvent.swift have the same in Swift.
#ifndef SPAWNSCOPE_JOINED_BPF_H
#define SPAWNSCOPE_JOINED_BPF_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int s32;
typedef unsigned long long u64;
typedef long long s64;

// The configuration: byte offsets of fields in this kernel's structs, from its own description (BTF), and values that
// hold for a whole recording. Frozen before the programs are loaded, so that the verifier knows them as constants; an
// unknown offset is negative.
enum word {
    // task_struct
    TASK_LEADER, TASK_PID, TASK_TGID, TASK_THREAD_PID, TASK_MM, TASK_FS, TASK_SIGNAL, TASK_EXIT_CODE, TASK_COMM, TASK_THREAD_BASE,
    // signal_struct
    SIGNAL_FLAGS, SIGNAL_GROUP_CODE, SIGNAL_LIVE,
    // mm_struct
    MM_ARG_START, MM_ARG_END, MM_ENV_START, MM_ENV_END, MM_TABLES, MM_RESIDENT, MM_EXEC_VM, MM_MAP_COUNT, MM_STACK, MM_VDSO,
    // pid: the number in the recorder's namespace
    PID_NUMBER, PID_LEVEL,
    // kernel_siginfo
    SIGINFO_CODE,
    // linux_binprm
    BINPRM_FILENAME, BINPRM_FILE,
    // file, dentry, inode, super_block
    FILE_DENTRY, FILE_MOUNT, FILE_INODE, FILE_MODE, DENTRY_INODE, DENTRY_PARENT, DENTRY_NAME, DENTRY_HASH, INODE_NUMBER, INODE_SUPER, SUPER_DEVICE, SUPER_FLAGS,
    // backing_file: what a file of overlayfs is mapped by, with the path that its user sees
    USER_DENTRY, USER_MOUNT,
    // mount, and the vfsmount in it
    MOUNT_NAMESPACE, MOUNT_PARENT, MOUNT_POINT, MOUNT_INNER, INNER_ROOT,
    // fs_struct
    FS_ROOT_MOUNT, FS_ROOT_DENTRY,
    // vm_area_struct
    VMA_START, VMA_END, VMA_OFFSET, VMA_FLAGS, VMA_FILE,
    // From a task to the id of its control group in the unified hierarchy.
    TASK_GROUPS, GROUPS_UNIFIED, GROUP_NODE, GROUP_ROOT, NODE_ID, ROOT_HIERARCHY,
    // pt_regs: its size, the stack pointer
    REGISTERS_SIZE, REGISTERS_STACK,
    // The recorder's pid namespace, and how deep it lies; 0 in the initial one.
    NAMESPACE, NAMESPACE_LEVEL,
    // Counters of resident pages: the distance from one to the next.
    RESIDENT_STRIDE, PAGE_SIZE,
    // The most bytes of stack that a record gets; 0 for none, but the callers' addresses by frame pointers.
    STACK_LIMIT,
    // Bytes in the ring from which on a record wakes the recorder.
    WAKE_AT,
    // sched_process_exit has group_dead as its second argument.
    TELLS_GROUP_DEAD,
    // enum follows.
    FOLLOWS,
    // What a process is inside of is told at once, since other events are to be put in order with it.
    TELLS_AT_ONCE,
    // Mappings are told, and the paths of files, for both of which the kernel needs iterators.
    TELLS_MAPPINGS, TELLS_FILES,
    // Whose memory may be read: the user's of this id; negative for everyone's.
    OWNER, OWNER_GROUP,
    // task_struct, cred, user_namespace, mm_struct
    TASK_CREDENTIALS, CRED_USER, CRED_EFFECTIVE_USER, CRED_SAVED_USER, CRED_GROUP, CRED_EFFECTIVE_GROUP, CRED_SAVED_GROUP,
    CRED_PERMITTED, CRED_NAMESPACE, NAMESPACE_OWNER, NAMESPACE_DEPTH, NAMESPACE_PARENT, MM_FLAGS,
    // task_exec_state, from Linux 7.2 on: what was in mm_struct.flags before.
    TASK_EXEC_STATE, STATE_DUMPABLE,
    // System calls.
    CALL_CLONE, CALL_FORK, CALL_VFORK, CALL_CLONE3, CALL_EXECVE, CALL_EXECVEAT, CALL_WAIT4, CALL_WAITID,
    WORDS = 104,
};

// Who belongs to the workload: the threads that the recorder names and what they create, besides those that are found in
// a control group, or all of the machine.
enum follows { ITS_CHILDREN, ALL, A_GROUP };

enum kind {
    BORN = 1,
    CREATION_RETURNED,
    EXEC_FAILED,
    EXECUTED,
    EXEC_RETURNED,
    ENDED,
    WAITED,
    PARENT_TOLD,
    RING_CREATED,
    FIRST_RUN,
    // No record of its own: a session's event for stacks that are too long for one sample.
    STACK,
    // An exec call was entered; only with TELLS_AT_ONCE.
    ATTEMPTED,
    // Of the recorder traced.
    ATTEMPTS_UNSEEN,
    MAPPED,
    FILE_NAMED,
    GROUP_NAMED,
};

// Each record begins with this: the thread that it is of, by its ids in the recorder's namespace and its name, and when.
// From `ran` on its bytes are those of the sample that the session gets (JoinedEvent.swift has the fields), unless a comment
// says otherwise.
struct head {
    u32 kind;
    u32 cpu;
    s32 pid, tid;
    u64 time;
    char comm[16];
    // When the thread's process first ran, in its first record; 0 in all others.
    u64 ran;
};

// Where a string lies in a sample, as tracefs describes it (__data_loc): behind its eight common bytes, and without what
// comes before `ran`.
#define PLACE(type, field, length) ((u32)(length) << 16 | (__builtin_offsetof(type, field) - __builtin_offsetof(struct head, ran) + 8))

struct born {
    struct head head;
    u64 entered;
    u64 flags;
    u64 tables;
    s64 resident;
    s32 child;
    // Bytes behind the record; not in the sample.
    u32 stack;
    // The process's name, while the head has the thread's.
    char comm[16];
    // The child's control group; 0 if it is not known.
    u64 group;
    // A stack that is too long has its innermost bytes and its `outer` outermost ones: `skipped` bytes between them are
    // left out. Not in the sample.
    u32 skipped, outer;
    // struct pt_regs, then the stack from its stack pointer on; in the sample's own fields for them.
    u64 registers[34];
};

struct creation_returned {
    struct head head;
    u64 entered;
    s64 result;
    // The call can create threads, too.
    u32 threads;
    u32 unused;
};

enum { PATH_SIZE = 4096, FAILED_PATH_SIZE = 264 };

struct exec_failed {
    struct head head;
    u64 entered;
    // -errno; 1 or more if a filter answered with a signal; 0 if the thread ended inside the call.
    s64 result;
    s32 directory;
    // -errno if the path could not be read.
    s32 error;
    u32 path;
    u32 unused;
    char text[FAILED_PATH_SIZE];
};

struct executed {
    struct head head;
    u64 entered;
    u64 arguments, environment;
    u64 inode;
    u32 device;
    u32 path;
    char comm[16];
    // The file's number, as in file_named; in the sample a place, and behind the path the name.
    u64 file;
    // Its control group; 0 if it is not known.
    u64 group;
    char text[PATH_SIZE];
};

struct exec_returned {
    struct head head;
};

struct ended {
    struct head head;
    // As wait(2) shows it: the signal in bits 0 to 6, the exit code in bits 8 to 15.
    u32 code;
    // The last signal that reached it and may have ended it, and who sent it.
    s32 signal;
    s32 signal_code;
    s32 sender;
    char sender_comm[16];
};

struct waited {
    struct head head;
    // 0 if the call did not get so far as to wait.
    u64 began;
    s64 result;
    // Which child or group was waited for; 0 for any.
    s32 awaited;
    // waitid's arguments, or -1 for wait4.
    s32 which;
    u32 options;
    // Whom a waitid for any child reaped, by the pid that the caller knows; else 0.
    s32 reaped;
};

struct parent_told {
    struct head head;
    // The process that was told.
    s32 target;
    u32 unused;
};

struct ring_created {
    struct head head;
};

struct first_run {
    struct head head;
};

struct attempted {
    struct head head;
};

// The rest is no sample: it becomes MMAP2 records.
struct mapped {
    struct head head;
    u64 start, end, offset;
    u64 inode;
    u64 flags;
    u32 device;
    // 1 for the vdso.
    u32 special;
    // The file's number, as in file_named; 0 for anonymous memory.
    u64 file;
};

// The most callers of a call site.
enum { CALLERS = 127 };

enum { COMPONENTS = 64, COMPONENT_SIZE = 256 };

// A file's path: its last component first, each with its NUL.
struct file_named {
    struct head head;
    u64 file;
    u32 count;
    u32 size;
    // The file has no name any more.
    u32 deleted;
    u32 unused;
    char names[PATH_SIZE + COMPONENT_SIZE];
};

enum { GROUP_PATH_SIZE = 1024 };

// A control group of the unified hierarchy that has just been made, by its path from the hierarchy's root.
struct group_named {
    struct head head;
    u64 group;
    // With its NUL.
    u32 size;
    u32 unused;
    char path[GROUP_PATH_SIZE];
};

#endif
