// bpf(2), which glibc does not wrap, and the pages of its rings.
#include "CPerfEvent.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int call(int command, union bpf_attr *attr) {
    int result = (int)syscall(SYS_bpf, command, attr, sizeof *attr);
    return result < 0 ? -errno : result;
}

int cperf_bpf_load_types(const void *types, uint32_t size) {
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.btf = (uintptr_t)types;
    attr.btf_size = size;
    return call(BPF_BTF_LOAD, &attr);
}

int cperf_bpf_create_map(
    uint32_t type, uint32_t key_size, uint32_t value_size, uint32_t entries, uint32_t flags, int types,
    uint32_t key_type, uint32_t value_type) {
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.map_type = type;
    attr.key_size = key_size;
    attr.value_size = value_size;
    attr.max_entries = entries;
    attr.map_flags = flags;
    memcpy(attr.map_name, "spawnscope", sizeof "spawnscope");
    if (key_type) {
        attr.btf_fd = (uint32_t)types;
        attr.btf_key_type_id = key_type;
        attr.btf_value_type_id = value_type;
    }
    return call(BPF_MAP_CREATE, &attr);
}

int cperf_bpf_update(int map, const void *key, const void *value) {
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.map_fd = (uint32_t)map;
    attr.key = (uintptr_t)key;
    attr.value = (uintptr_t)value;
    attr.flags = BPF_ANY;
    return call(BPF_MAP_UPDATE_ELEM, &attr);
}

int cperf_bpf_look_up(int map, const void *key, void *value) {
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.map_fd = (uint32_t)map;
    attr.key = (uintptr_t)key;
    attr.value = (uintptr_t)value;
    return call(BPF_MAP_LOOKUP_ELEM, &attr);
}

int cperf_bpf_freeze(int map) {
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.map_fd = (uint32_t)map;
    return call(BPF_MAP_FREEZE, &attr);
}

int cperf_bpf_load_program(
    enum cperf_bpf_kind kind, const void *instructions, uint32_t count, uint32_t attach_type, int types, const void *functions, uint32_t function_count) {
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.prog_type = kind == CPERF_ON_RAW_TRACEPOINT ? BPF_PROG_TYPE_TRACING
        : kind == CPERF_ON_CLOCK                     ? BPF_PROG_TYPE_PERF_EVENT
                                                     : BPF_PROG_TYPE_TRACEPOINT;
    attr.insns = (uintptr_t)instructions;
    attr.insn_cnt = count;
    attr.license = (uintptr_t) "GPL";  // which most helpers require
    memcpy(attr.prog_name, "spawnscope", sizeof "spawnscope");
    if (kind == CPERF_ON_RAW_TRACEPOINT) attr.expected_attach_type = BPF_TRACE_RAW_TP;
    attr.attach_btf_id = attach_type;
    attr.prog_btf_fd = (uint32_t)types;
    attr.func_info_rec_size = sizeof(struct bpf_func_info);
    attr.func_info = (uintptr_t)functions;
    attr.func_info_cnt = function_count;
    return call(BPF_PROG_LOAD, &attr);
}

int cperf_bpf_attach_raw(int program_fd) {
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.raw_tracepoint.prog_fd = (uint32_t)program_fd;
    return call(BPF_RAW_TRACEPOINT_OPEN, &attr);
}

int cperf_event_open_carrier(uint64_t id) {
    struct perf_event_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.type = PERF_TYPE_TRACEPOINT;
    attr.size = sizeof attr;
    attr.config = id;
    attr.sample_period = 1;
    attr.disabled = 1;
    int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int cperf_bpf_map_ring(int map, size_t size, struct cperf_bpf_ring *ring) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
    if (consumer == MAP_FAILED) return -errno;
    // Room for all of it; the pages of data are put there when they are read for the first time.
    char *room = mmap(NULL, page + 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) {
        int code = errno;
        munmap(consumer, page);
        return -code;
    }
    if (mmap(room, page, PROT_READ, MAP_SHARED | MAP_FIXED, map, (off_t)page) == MAP_FAILED) {
        int code = errno;
        munmap(room, page + 2 * size);
        munmap(consumer, page);
        return -code;
    }
    // A child of this process, such as the one that closes its descriptors, has no use for them, and would copy the tables.
    madvise(consumer, page, MADV_DONTFORK);
    madvise(room, page + 2 * size, MADV_DONTFORK);
    ring->consumer = consumer;
    ring->producer = (const uint64_t *)(void *)room;
    ring->data = room + page;
    ring->mapped = 0;
    return 0;
}

int cperf_bpf_map_ring_until(int map, size_t end, struct cperf_bpf_ring *ring) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *start = (char *)(uintptr_t)ring->data + ring->mapped;
    // Behind the pages of both positions.
    off_t offset = (off_t)(2 * page + ring->mapped);
    if (mmap(start, end - ring->mapped, PROT_READ, MAP_SHARED | MAP_FIXED, map, offset) == MAP_FAILED) return -errno;
    madvise(start, end - ring->mapped, MADV_DONTFORK);
    ring->mapped = end;
    return 0;
}

void cperf_bpf_unmap_ring(const struct cperf_bpf_ring *ring, size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap((void *)(uintptr_t)ring->producer, page + 2 * size);
    munmap(ring->consumer, page);
}

uint64_t cperf_load_acquire_64(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
uint32_t cperf_load_acquire_32(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
void cperf_store_release_64(uint64_t *word, uint64_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }
