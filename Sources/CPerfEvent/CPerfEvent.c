#include "CPerfEvent.h"

#include <errno.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int result(long value) { return value < 0 ? -errno : (int)value; }

int cperf_event_open(const void *attr, int cpu) {
    return result(syscall(SYS_perf_event_open, attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC));
}

int cperf_event_open_of(const void *attr, pid_t process, int cpu) {
    return result(syscall(SYS_perf_event_open, attr, process, cpu, -1, PERF_FLAG_FD_CLOEXEC));
}

int cperf_event_open_in_cgroup(const void *attr, int cgroup_fd, int cpu) {
    const unsigned long flags = PERF_FLAG_FD_CLOEXEC | PERF_FLAG_PID_CGROUP;
    return result(syscall(SYS_perf_event_open, attr, cgroup_fd, cpu, -1, flags));
}

int cperf_event_enable(int fd) { return result(ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)); }
int cperf_event_disable(int fd) { return result(ioctl(fd, PERF_EVENT_IOC_DISABLE, 0)); }
int cperf_event_set_output(int fd, int ring_fd) { return result(ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, ring_fd)); }
int cperf_event_set_filter(int fd, const char *filter) { return result(ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter)); }
int cperf_event_id(int fd, uint64_t *id) { return result(ioctl(fd, PERF_EVENT_IOC_ID, id)); }

uint64_t cperf_ring_load_head(const struct perf_event_mmap_page *page) {
    return __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
}

void cperf_ring_store_tail(struct perf_event_mmap_page *page, uint64_t tail) {
    __atomic_store_n(&page->data_tail, tail, __ATOMIC_RELEASE);
}

int cperf_open_in_root(int root_fd, const char *path, uint64_t flags) {
    const struct open_how how = {.flags = flags, .resolve = RESOLVE_IN_ROOT};
    return result(syscall(SYS_openat2, root_fd, path, &how, sizeof how));
}
