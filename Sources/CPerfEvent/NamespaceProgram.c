// A BPF program that tells which pid namespace its caller is in: user space is told its own depth by nobody.
#include "CPerfEvent.h"
#include "Instructions.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Stack slots: the map key, the word read last, and the map value.
#define KEY (-8)
#define WORD (-16)
#define LEVEL (-24)
#define ADDRESS (LEVEL - 8)
_Static_assert(sizeof(struct cperf_namespace) == 16, "what is told");

#define READ(size, to, from, offset) \
    MOVE(r1, stack), ADD(r1, to), SET(r2, size), MOVE(r3, from), ADD(r3, offset), CALL(BPF_FUNC_probe_read_kernel)

static int load(int map, const struct cperf_pid_offsets *offsets) {
    struct bpf_insn program[] = {
        STORE_VALUE(BPF_DW, stack, KEY, 0),
        STORE_VALUE(BPF_DW, stack, LEVEL, 0),
        STORE_VALUE(BPF_DW, stack, ADDRESS, 0),
        STORE_VALUE(BPF_DW, stack, WORD, 0),
        CALL(BPF_FUNC_get_current_task),
        MOVE(r6, r0),
        READ(8, WORD, r6, offsets->thread_pid),
        LOAD(BPF_DW, r7, stack, WORD),
        READ(4, LEVEL, r7, offsets->level),
        LOAD(BPF_DW, r8, stack, LEVEL),
        // The namespace of struct upid: { int nr; struct pid_namespace *ns; }
        INSN(BPF_ALU64 | BPF_MUL | BPF_K, r8, 0, 0, offsets->number_size),
        ADD_REGISTER(r7, r8),
        READ(8, ADDRESS, r7, offsets->numbers + 8),
        MAP(r1, map),
        MOVE(r2, stack),
        ADD(r2, KEY),
        MOVE(r3, stack),
        ADD(r3, ADDRESS),
        SET(r4, BPF_ANY),
        CALL(BPF_FUNC_map_update_elem),
        SET(r0, 0),
        INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
    };
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT;
    attr.insns = (uintptr_t)program;
    attr.insn_cnt = sizeof program / sizeof program[0];
    attr.license = (uintptr_t) "GPL";  // which most helpers require
    int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
    return fd < 0 ? -errno : fd;
}

int cperf_bpf_find_namespace(const struct cperf_pid_offsets *offsets, struct cperf_namespace *found) {
    uint32_t key = 0;
    int map = cperf_bpf_create_map(BPF_MAP_TYPE_ARRAY, sizeof key, sizeof *found, 1, 0, 0, 0, 0);
    if (map < 0) return map;
    int program = load(map, offsets);
    int code = program < 0 ? program : 0;
    if (program >= 0) {
        union bpf_attr attr;
        memset(&attr, 0, sizeof attr);
        attr.test.prog_fd = (uint32_t)program;
        if (syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof attr) < 0) code = -errno;
        if (code == 0) code = cperf_bpf_look_up(map, &key, found);
        close(program);
    }
    close(map);
    return code < 0 ? code : 0;
}
