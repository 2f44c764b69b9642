// The BPF programs, written as instructions since a recording machine has no compiler. Each returns 1: on 0 the kernel
// would drop the tracepoint's samples for every perf user of the machine (trace_call_bpf in kernel/trace/bpf_trace.c).
#include "CPerfEvent.h"
#include "Instructions.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int cperf_load_instructions(struct bpf_insn *instructions, size_t count) {
    for (size_t index = 0; index < count; index++) {
        if (instructions[index].off == OUT) instructions[index].off = (int16_t)(count - 2 - (index + 1));
    }
    return cperf_bpf_load_program(CPERF_ON_TRACEPOINT, instructions, (uint32_t)count, 0, 0, NULL, 0);
}

// A system call's tracepoint record holds the arguments, or the result, from byte 16 on, eight bytes each.
#define ARGUMENT(n) (16 + 8 * (n))
#define RESULT ARGUMENT(0)

// Stack slots: the map key, which is the thread's pid_tgid, and the map value, { u64 pointer; s64 directory; }, saved
// when a thread enters a call.
#define KEY (-8)
#define POINTER (-24)
#define DIRECTORY (-16)

#define KEEP_THREAD CALL(BPF_FUNC_get_current_pid_tgid), STORE(BPF_DW, stack, KEY, r0)
#define KEY_INTO(d) MOVE(d, stack), ADD(d, KEY)
#define KEEP_CALL(map)                                                                                  \
    MAP(r1, map), KEY_INTO(r2), MOVE(r3, stack), ADD(r3, POINTER), SET(r4, BPF_ANY), CALL(BPF_FUNC_map_update_elem)
#define FIND_CALL(map) MAP(r1, map), KEY_INTO(r2), CALL(BPF_FUNC_map_lookup_elem)
#define FORGET_CALL(map) MAP(r1, map), KEY_INTO(r2), CALL(BPF_FUNC_map_delete_elem)

static int enter_execve(int calls) {
    struct bpf_insn program[] = {
        LOAD(BPF_DW, r2, r1, ARGUMENT(0)),
        STORE(BPF_DW, stack, POINTER, r2),
        STORE_VALUE(BPF_DW, stack, DIRECTORY, AT_FDCWD),
        KEEP_THREAD,
        KEEP_CALL(calls),
        END,
    };
    return LOAD_PROGRAM(program);
}

static int enter_execveat(int calls) {
    struct bpf_insn program[] = {
        LOAD(BPF_DW, r2, r1, ARGUMENT(0)),
        STORE(BPF_DW, stack, DIRECTORY, r2),
        LOAD(BPF_DW, r2, r1, ARGUMENT(1)),
        STORE(BPF_DW, stack, POINTER, r2),
        KEEP_THREAD,
        KEEP_CALL(calls),
        END,
    };
    return LOAD_PROGRAM(program);
}

// Stack slots of struct cperf_failed_exec, below the key.
#define PATH (KEY - CPERF_PATH_SIZE)
#define RECORD (PATH - (int)offsetof(struct cperf_failed_exec, path))
_Static_assert(-RECORD <= 512, "a BPF program's stack");

static int exit_exec(int calls, int output) {
    struct bpf_insn program[] = {
        MOVE(r6, r1),
        LOAD(BPF_DW, r7, r1, RESULT),
        KEEP_THREAD,
        FIND_CALL(calls),
        SKIP_IF(BPF_JEQ, r0, 0, OUT),
        LOAD(BPF_DW, r8, r0, 0),
        LOAD(BPF_DW, r9, r0, 8),
        FORGET_CALL(calls),
        SKIP_IF(BPF_JSGE, r7, 0, OUT),
        STORE(BPF_W, stack, RECORD + 0, r7),
        STORE(BPF_W, stack, RECORD + 4, r9),
        // The helper does not fault pages in, but the kernel read this string a moment ago.
        MOVE(r1, stack),
        ADD(r1, PATH),
        SET(r2, CPERF_PATH_SIZE),
        MOVE(r3, r8),
        CALL(BPF_FUNC_probe_read_user_str),
        STORE(BPF_W, stack, RECORD + 8, r0),
        SET(r5, offsetof(struct cperf_failed_exec, path)),
        SKIP_IF(BPF_JGT, r0, CPERF_PATH_SIZE, 1),  // negative, compared as unsigned
        ADD_REGISTER(r5, r0),
        OUTPUT(output, RECORD),
        END,
    };
    return LOAD_PROGRAM(program);
}

static int enter_waitid(int calls) {
    struct bpf_insn program[] = {
        LOAD(BPF_DW, r2, r1, ARGUMENT(0)),
        SKIP_IF(BPF_JSET, r2, 1, OUT),  // odd: P_PID and P_PIDFD, which name the child
        LOAD(BPF_DW, r2, r1, ARGUMENT(3)),
        SKIP_IF(BPF_JSET, r2, WNOWAIT, OUT),
        LOAD(BPF_DW, r2, r1, ARGUMENT(2)),
        SKIP_IF(BPF_JEQ, r2, 0, OUT),
        STORE(BPF_DW, stack, POINTER, r2),
        STORE_VALUE(BPF_DW, stack, DIRECTORY, 0),
        KEEP_THREAD,
        KEEP_CALL(calls),
        END,
    };
    return LOAD_PROGRAM(program);
}

// Stack slots: siginfo_t from si_code on, { int si_code, padding, si_pid, si_uid, si_status; }, then struct
// cperf_reaped.
#define SIGNAL_INFORMATION (KEY - 24)
#define REAPED (SIGNAL_INFORMATION - 16)
_Static_assert(offsetof(siginfo_t, si_code) == 8 && offsetof(siginfo_t, si_pid) == 16, "siginfo_t");
_Static_assert(offsetof(siginfo_t, si_status) == 24, "siginfo_t");

static int exit_waitid(int calls, int output) {
    struct bpf_insn program[] = {
        MOVE(r6, r1),
        LOAD(BPF_DW, r7, r1, RESULT),
        KEEP_THREAD,
        FIND_CALL(calls),
        SKIP_IF(BPF_JEQ, r0, 0, OUT),
        LOAD(BPF_DW, r8, r0, 0),
        FORGET_CALL(calls),
        SKIP_IF(BPF_JNE, r7, 0, OUT),
        MOVE(r1, stack),
        ADD(r1, SIGNAL_INFORMATION),
        SET(r2, 20),
        MOVE(r3, r8),
        ADD(r3, 8),
        CALL(BPF_FUNC_probe_read_user),
        SKIP_IF(BPF_JNE, r0, 0, OUT),
        LOAD(BPF_W, r1, stack, SIGNAL_INFORMATION + 0),
        SKIP_IF(BPF_JGT, r1, CLD_DUMPED, OUT),  // stopped or continued: not reaped
        LOAD(BPF_W, r2, stack, SIGNAL_INFORMATION + 8),
        SKIP_IF(BPF_JEQ, r2, 0, OUT),  // WNOHANG found no child
        STORE(BPF_W, stack, REAPED + 0, r2),
        STORE(BPF_W, stack, REAPED + 4, r1),
        LOAD(BPF_W, r1, stack, SIGNAL_INFORMATION + 16),
        STORE(BPF_W, stack, REAPED + 8, r1),
        SET(r5, sizeof(struct cperf_reaped)),
        OUTPUT(output, REAPED),
        END,
    };
    return LOAD_PROGRAM(program);
}

int cperf_bpf_load(enum cperf_program program, int calls, int output, const struct cperf_offsets *offsets) {
    switch (program) {
    case CPERF_ENTER_EXECVE: return enter_execve(calls);
    case CPERF_ENTER_EXECVEAT: return enter_execveat(calls);
    case CPERF_EXIT_EXEC: return exit_exec(calls, output);
    case CPERF_ENTER_WAITID: return enter_waitid(calls);
    case CPERF_EXIT_WAITID: return exit_waitid(calls, output);
    case CPERF_IMAGE_SIZES: return cperf_load_image_sizes(output, offsets);
    case CPERF_SPAWNER_SIZE: return cperf_load_spawner_size(output, offsets);
    }
    return -EINVAL;
}

static int create_map(uint32_t type, uint32_t key_size, uint32_t value_size, uint32_t entries) {
    return cperf_bpf_create_map(type, key_size, value_size, entries, 0, 0, 0, 0);
}

int cperf_bpf_calls_map(void) { return create_map(BPF_MAP_TYPE_LRU_HASH, 8, 16, 8192); }
int cperf_bpf_output_map(uint32_t cpus) { return create_map(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, cpus); }

int cperf_bpf_set_output(int map, uint32_t cpu, int event_fd) { return cperf_bpf_update(map, &cpu, &event_fd); }

int cperf_event_set_bpf(int fd, int program_fd) {
    return ioctl(fd, PERF_EVENT_IOC_SET_BPF, program_fd) < 0 ? -errno : 0;
}

uint64_t cperf_bpf_misses(int program_fd) {
    struct bpf_prog_info info;
    memset(&info, 0, sizeof info);
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.info.bpf_fd = (uint32_t)program_fd;
    attr.info.info_len = sizeof info;
    attr.info.info = (uintptr_t)&info;
    return syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr) < 0 ? 0 : info.recursion_misses;
}
