// Dropping privileges before a process parses untrusted bytes.
#define _GNU_SOURCE
#include "CLinuxSystem.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define THIS_MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_MACHINE AUDIT_ARCH_AARCH64
#else
#error "no seccomp filter for this machine"
#endif

int clinux_has_capability(unsigned capability) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct sets[2] = {{0, 0, 0}, {0, 0, 0}};
    if (capability >= 64 || syscall(SYS_capget, &header, sets) < 0) return 0;
    return (sets[capability / 32].effective >> (capability % 32)) & 1;
}

int clinux_has_any_capability(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct sets[2] = {{0, 0, 0}, {0, 0, 0}};
    if (syscall(SYS_capget, &header, sets) < 0) return 1;
    return (sets[0].permitted | sets[1].permitted | sets[0].effective | sets[1].effective) != 0;
}

int clinux_drop_capabilities(void) {
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    const struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    return syscall(SYS_capset, &header, none) < 0 ? -errno : 0;
}

int clinux_give_up_rights(const struct clinux_identity *identity, int ends_with_parent) {
    if (identity) {
        // Only the bounding set is emptied here; the change of user and clinux_drop_capabilities empty the other sets.
        // Ends after the last capability, or at once without CAP_SETPCAP.
        for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) {}
        // In a user namespace the ids may be unmapped (EINVAL) or setgroups(2) denied (EPERM); the steps below still
        // drop every capability.
        const gid_t group = identity->group;
        const int changes = setgroups(1, &group) == 0 && setresgid(group, group, group) == 0 &&
                            setresuid(identity->user, identity->user, identity->user) == 0;
        if (!changes && errno != EINVAL && errno != EPERM) return -errno;
    }
    const int code = clinux_drop_capabilities();
    if (code < 0) return code;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    // After the change of user, which clears it.
    if (ends_with_parent && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return -errno;
    return 0;
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_LOW(index) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[index]))
#define LOAD_HIGH(index) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[index]) + 4)
#define IF_NOT(value, skipped) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skipped))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define ALLOW RETURN(SECCOMP_RET_ALLOW)
#define REFUSE(code) RETURN(SECCOMP_RET_ERRNO | ((code) & SECCOMP_RET_DATA))
// Expects the system-call number in the accumulator.
#define ALLOWED(name) IF_NOT(__NR_##name, 1), ALLOW

int clinux_confine(void) {
    const struct sock_filter filter[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_MACHINE, 1, 0),
        RETURN(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        ALLOWED(read),
        ALLOWED(write),
        ALLOWED(pread64),
        ALLOWED(pwrite64),
        ALLOWED(readv),
        ALLOWED(writev),
        ALLOWED(lseek),
        ALLOWED(close),
        ALLOWED(dup),
        ALLOWED(dup3),
#ifdef __NR_dup2
        ALLOWED(dup2),
#endif
        ALLOWED(fstat),
        ALLOWED(newfstatat),
        ALLOWED(fstatfs),
        ALLOWED(ftruncate),
        ALLOWED(fallocate),
        ALLOWED(fsync),
        ALLOWED(fcntl),
        ALLOWED(getdents64),
        ALLOWED(munmap),
        ALLOWED(mremap),
        ALLOWED(madvise),
        ALLOWED(brk),
        ALLOWED(futex),
        ALLOWED(set_robust_list),
        ALLOWED(sched_yield),
        ALLOWED(sched_getaffinity),
        ALLOWED(nanosleep),
        ALLOWED(clock_nanosleep),
        ALLOWED(clock_gettime),
        ALLOWED(clock_getres),
        ALLOWED(gettimeofday),
        ALLOWED(getrusage),
        ALLOWED(getrandom),
        ALLOWED(uname),
        ALLOWED(sysinfo),
        ALLOWED(getpid),
        ALLOWED(gettid),
        ALLOWED(getuid),
        ALLOWED(geteuid),
        ALLOWED(getgid),
        ALLOWED(getegid),
        ALLOWED(rt_sigaction),
        ALLOWED(rt_sigprocmask),
        ALLOWED(rt_sigreturn),
        ALLOWED(rt_sigtimedwait),
        ALLOWED(sigaltstack),
        ALLOWED(restart_syscall),
        ALLOWED(sendmsg),
        ALLOWED(recvmsg),
        ALLOWED(ppoll),
#ifdef __NR_poll
        ALLOWED(poll),
#endif
#ifdef __NR_rseq
        ALLOWED(rseq),
#endif
        ALLOWED(exit),
        ALLOWED(exit_group),
        // glibc then falls back to clone(2), whose flags a filter can see.
        IF_NOT(__NR_clone3, 1),
        REFUSE(ENOSYS),
        // No executable memory is needed: refuses PROT_EXEC for mmap(2) and mprotect(2).
        IF_NOT(__NR_mmap, 4),
        LOAD_LOW(2),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x4 /* PROT_EXEC */, 1, 0),
        ALLOW,
        REFUSE(EPERM),
        IF_NOT(__NR_mprotect, 4),
        LOAD_LOW(2),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x4 /* PROT_EXEC */, 1, 0),
        ALLOW,
        REFUSE(EPERM),
        // Allows new threads, not new processes.
        IF_NOT(__NR_clone, 4),
        LOAD_LOW(0),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1),
        ALLOW,
        REFUSE(EPERM),
        // Allows asking for a terminal's size, and whether a descriptor is a terminal (isatty(3)).
        IF_NOT(__NR_ioctl, 6),
        LOAD_LOW(1),
        IF_NOT(TIOCGWINSZ, 1),
        ALLOW,
        IF_NOT(TCGETS, 1),
        ALLOW,
        REFUSE(EPERM),
        // Allows reading limits, not setting them: the third argument, the new limit, must be null.
        IF_NOT(__NR_prlimit64, 6),
        LOAD_LOW(2),
        IF_NOT(0, 3),
        LOAD_HIGH(2),
        IF_NOT(0, 1),
        ALLOW,
        REFUSE(EPERM),
        REFUSE(EPERM),
    };
    const struct sock_fprog program = {sizeof filter / sizeof filter[0], (struct sock_filter *)filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0 ? -errno : 0;
}

int clinux_limit(pid_t process, uint64_t data, uint64_t seconds) {
    // Sets only the soft limit, and never above the hard one.
    const struct {
        int resource;
        rlim_t value;
    } wanted[] = {{RLIMIT_DATA, data}, {RLIMIT_CPU, seconds}};
    for (size_t index = 0; index < 2; index++) {
        struct rlimit limit;
        if (prlimit(process, wanted[index].resource, NULL, &limit) < 0) return -errno;
        limit.rlim_cur = wanted[index].value < limit.rlim_max ? wanted[index].value : limit.rlim_max;
        if (prlimit(process, wanted[index].resource, &limit, NULL) < 0) return -errno;
    }
    return 0;
}
