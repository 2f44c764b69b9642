// The BPF programs that report sizes. Each reads a few fields of the current process's mm_struct, and none of the
// process's own memory.
#include "CPerfEvent.h"
#include "Instructions.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdint.h>

// Stack slots: the word read last, and below it the record to output.
#define NUMBER (-8)
#define TOLD (NUMBER - 16)
_Static_assert(sizeof(struct cperf_image_sizes) == 16 && sizeof(struct cperf_spawner_size) == 16, "what is told");

// Reads eight bytes of kernel memory into NUMBER; on failure jumps to END.
#define READ(from, offset)                                                                                \
    MOVE(r1, stack), ADD(r1, NUMBER), SET(r2, 8), MOVE(r3, from), ADD(r3, offset), CALL(BPF_FUNC_probe_read_kernel), \
        SKIP_IF(BPF_JNE, r0, 0, OUT)
#define READ_INTO(d, from, offset) READ(from, offset), LOAD(BPF_DW, d, stack, NUMBER)
// Moves the context to r6 and loads the address of the current process's mm_struct into r7. Jumps to END for kernel
// threads, which have none.
#define FIND_MM(offsets)                                                                            \
    MOVE(r6, r1), CALL(BPF_FUNC_get_current_task), MOVE(r8, r0), READ_INTO(r7, r8, (offsets)->mm), \
        SKIP_IF(BPF_JEQ, r7, 0, OUT)
#define SUBTRACT_REGISTER(d, s) INSN(BPF_ALU64 | BPF_SUB | BPF_X, d, s, 0, 0)
#define MULTIPLY(d, i) INSN(BPF_ALU64 | BPF_MUL | BPF_K, d, 0, 0, i)

int cperf_load_image_sizes(int output, const struct cperf_offsets *offsets) {
    if (offsets == NULL) return -EINVAL;
    struct bpf_insn program[] = {
        FIND_MM(offsets),
        READ_INTO(r8, r7, offsets->arg_start),
        READ_INTO(r9, r7, offsets->arg_end),
        SUBTRACT_REGISTER(r9, r8),
        STORE(BPF_DW, stack, TOLD + 0, r9),
        READ_INTO(r8, r7, offsets->env_start),
        READ_INTO(r9, r7, offsets->env_end),
        SUBTRACT_REGISTER(r9, r8),
        STORE(BPF_DW, stack, TOLD + 8, r9),
        SET(r5, sizeof(struct cperf_image_sizes)),
        OUTPUT(output, TOLD),
        END,
    };
    return LOAD_PROGRAM(program);
}

// Counters of linux/mm_types_task.h by index: 0 MM_FILEPAGES, 1 MM_ANONPAGES, 3 MM_SHMEMPAGES. 2 is MM_SWAPENTS, whose
// pages are not resident.
#define RESIDENT(offsets, index) ((offsets)->resident + (index) * (offsets)->resident_stride)
// Expects the context in r1. Jumps to END for a new thread, which copies nothing.
#define READ_PAGE_TABLES(offsets)                                                                          \
    LOAD(BPF_DW, r2, r1, (offsets)->clone_flags), SKIP_IF(BPF_JSET, r2, CLONE_THREAD, OUT), FIND_MM(offsets), \
        READ_INTO(r8, r7, (offsets)->pgtables_bytes), STORE(BPF_DW, stack, TOLD + 0, r8)

int cperf_load_spawner_size(int output, const struct cperf_offsets *offsets) {
    if (offsets == NULL) return -EINVAL;
    struct bpf_insn both[] = {
        READ_PAGE_TABLES(offsets),
        READ_INTO(r9, r7, RESIDENT(offsets, 0)),
        READ_INTO(r8, r7, RESIDENT(offsets, 1)),
        ADD_REGISTER(r9, r8),
        READ_INTO(r8, r7, RESIDENT(offsets, 3)),
        ADD_REGISTER(r9, r8),
        MULTIPLY(r9, offsets->page_size),
        STORE(BPF_DW, stack, TOLD + 8, r9),
        SET(r5, sizeof(struct cperf_spawner_size)),
        OUTPUT(output, TOLD),
        END,
    };
    struct bpf_insn page_tables_alone[] = {
        READ_PAGE_TABLES(offsets),
        STORE_VALUE(BPF_DW, stack, TOLD + 8, -1),
        SET(r5, sizeof(struct cperf_spawner_size)),
        OUTPUT(output, TOLD),
        END,
    };
    return offsets->resident >= 0 ? LOAD_PROGRAM(both) : LOAD_PROGRAM(page_tables_alone);
}
