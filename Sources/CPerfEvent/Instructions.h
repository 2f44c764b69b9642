// BPF instructions as C initialisers, and the declarations that Programs.c and SizePrograms.c share.
#ifndef SPAWNSCOPE_INSTRUCTIONS_H
#define SPAWNSCOPE_INSTRUCTIONS_H

#include "CPerfEvent.h"

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

enum { r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, stack };

#define INSN(c, d, s, o, i) ((struct bpf_insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define MOVE(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
// Also clears the upper 32 bits.
#define SET_32(d, i) INSN(BPF_ALU | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD(d, i) INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define ADD_REGISTER(d, s) INSN(BPF_ALU64 | BPF_ADD | BPF_X, d, s, 0, 0)
#define LOAD(size, d, s, o) INSN(BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define STORE(size, d, o, s) INSN(BPF_STX | BPF_MEM | (size), d, s, o, 0)
#define STORE_VALUE(size, d, o, i) INSN(BPF_ST | BPF_MEM | (size), d, 0, o, i)
// SKIP_IF skips the next `o` instructions if the condition holds; OUT as `o` jumps to END.
#define OUT INT16_MAX
#define SKIP_IF(condition, d, i, o) INSN(BPF_JMP | (condition) | BPF_K, d, 0, o, i)
#define CALL(function) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, function)
#define END SET(r0, 1), INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
// A 64-bit immediate load takes two instruction slots.
#define MAP(d, fd) INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)

// Expects the context in r6 and the size in r5.
#define OUTPUT(map, from) \
    MOVE(r1, r6), MAP(r2, map), SET_32(r3, -1 /* BPF_F_CURRENT_CPU */), MOVE(r4, stack), ADD(r4, from), CALL(BPF_FUNC_perf_event_output)

/// Loads a program after resolving its OUT jumps to END; returns a descriptor or -errno.
int cperf_load_instructions(struct bpf_insn *instructions, size_t count);
#define LOAD_PROGRAM(instructions) \
    cperf_load_instructions(instructions, sizeof(instructions) / sizeof(instructions)[0])

/// Defined in SizePrograms.c.
int cperf_load_image_sizes(int output, const struct cperf_offsets *offsets);
int cperf_load_spawner_size(int output, const struct cperf_offsets *offsets);

#endif
