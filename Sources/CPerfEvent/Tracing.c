#define _GNU_SOURCE
#include "CPerfEvent.h"

#include <errno.h>
#include <elf.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static int result(long value) { return value < 0 ? -errno : (int)value; }

// Not PTRACE_O_EXITKILL: what is recorded goes on if the recorder is killed.
static const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD;

int cperf_trace_seize(pid_t thread) { return result(ptrace(PTRACE_SEIZE, thread, 0, options | PTRACE_O_TRACEEXIT)); }

int cperf_trace_try(pid_t child) {
    const int tried = result(ptrace(PTRACE_SEIZE, child, 0, 0));
    kill(child, SIGKILL);
    // It was asked for no stop at its end.
    while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR) continue;
    return tried;
}

int cperf_trace_exits(pid_t thread, int stops) {
    return result(ptrace(PTRACE_SETOPTIONS, thread, 0, stops ? options | PTRACE_O_TRACEEXIT : options));
}

int cperf_trace_resume(pid_t thread, enum cperf_trace_resume how, int signal) {
    switch (how) {
    case CPERF_TRACE_ON: return result(ptrace(PTRACE_CONT, thread, 0, (long)signal));
    case CPERF_TRACE_LISTEN: return result(ptrace(PTRACE_LISTEN, thread, 0, 0));
    case CPERF_TRACE_CALLS: return result(ptrace(PTRACE_SYSCALL, thread, 0, (long)signal));
    }
    return -EINVAL;
}

int cperf_trace_wait(struct cperf_trace_stop *stop) {
    int status = 0;
    pid_t thread = waitpid(-1, &status, __WALL | __WNOTHREAD);
    if (thread < 0) return -errno;
    *stop = (struct cperf_trace_stop){.thread = thread};
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
        stop->kind = CPERF_STOP_GONE;
        stop->message = (uint64_t)(unsigned)status;
        return 0;
    }
    stop->signal = WSTOPSIG(status);
    switch (status >> 16) {
    case 0:
        // PTRACE_O_TRACESYSGOOD
        stop->kind = stop->signal == (SIGTRAP | 0x80) ? CPERF_STOP_CALL : CPERF_STOP_SIGNAL;
        break;
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE: stop->kind = CPERF_STOP_CREATED; break;
    case PTRACE_EVENT_EXEC: stop->kind = CPERF_STOP_EXECUTED; break;
    case PTRACE_EVENT_EXIT: stop->kind = CPERF_STOP_EXITS; break;
    case PTRACE_EVENT_STOP:
        // A stop of the whole group names the signal that caused it; all others, SIGTRAP.
        stop->kind = stop->signal == SIGTRAP ? CPERF_STOP_TRAP : CPERF_STOP_GROUP;
        break;
    default: stop->kind = CPERF_STOP_OTHER;
    }
    if (stop->kind == CPERF_STOP_CREATED || stop->kind == CPERF_STOP_EXECUTED || stop->kind == CPERF_STOP_EXITS) {
        unsigned long message = 0;
        // It was killed meanwhile, and its next stop is to come.
        if (ptrace(PTRACE_GETEVENTMSG, thread, 0, &message) < 0) stop->kind = CPERF_STOP_KILLED;
        stop->message = message;
    }
    return 0;
}

int cperf_trace_registers(pid_t thread, uint64_t *words, size_t count) {
    struct iovec area = {words, count * sizeof *words};
    if (ptrace(PTRACE_GETREGSET, thread, (void *)NT_PRSTATUS, &area) < 0) return -errno;
    return (int)area.iov_len;
}

int cperf_trace_signal(pid_t thread, int *code, pid_t *sender) {
    siginfo_t information;
    if (ptrace(PTRACE_GETSIGINFO, thread, 0, &information) < 0) return -errno;
    *code = information.si_code;
    *sender = information.si_pid;
    return 0;
}

ssize_t cperf_trace_read(pid_t process, uint64_t address, void *buffer, size_t size) {
    struct iovec here = {buffer, size}, there = {(void *)(uintptr_t)address, size};
    ssize_t count = process_vm_readv(process, &here, 1, &there, 1, 0);
    return count < 0 ? -errno : count;
}

#if defined(__x86_64__)
// The debug registers: 0 to 3 hold addresses, two bits of 7 enable each.
static void *debug_register(size_t number) {
    return (void *)(offsetof(struct user, u_debugreg) + number * sizeof(((struct user *)0)->u_debugreg[0]));
}

int cperf_trace_break(pid_t thread, const uint64_t *addresses, size_t count) {
    unsigned long enabled = 0;
    for (size_t number = 0; number < count && number < 4; number++) {
        if (ptrace(PTRACE_POKEUSER, thread, debug_register(number), addresses[number]) < 0) return -errno;
        enabled |= 1ul << (2 * number);
    }
    return result(ptrace(PTRACE_POKEUSER, thread, debug_register(7), enabled));
}
#else
int cperf_trace_break(pid_t thread, const uint64_t *addresses, size_t count) {
    (void)thread, (void)addresses, (void)count;
    return -ENOSYS;
}
#endif

int cperf_trace_interrupt(pid_t thread) { return result(ptrace(PTRACE_INTERRUPT, thread, 0, 0)); }

int cperf_trace_blocks(pid_t thread, int signal) {
    uint64_t blocked = 0;
    if (ptrace(PTRACE_GETSIGMASK, thread, (void *)sizeof blocked, &blocked) < 0) return -errno;
    return (int)(blocked >> (signal - 1) & 1);
}

int cperf_trace_call(pid_t thread, struct cperf_trace_call *call) {
    // linux/ptrace.h, which cannot stand beside sys/ptrace.h everywhere.
    struct {
        uint8_t op, padding[3];
        uint32_t architecture;
        uint64_t instruction, stack;
        union {
            struct {
                uint64_t number, arguments[6];
            } entry;
            struct {
                int64_t value;
                uint8_t is_error;
            } exit;
        };
        uint64_t more[2];
    } seen;
    enum { GET_SYSCALL_INFO = 0x420e, ENTRY = 1, EXIT = 2 };
    memset(&seen, 0, sizeof seen);
    if (ptrace(GET_SYSCALL_INFO, thread, (void *)sizeof seen, &seen) < 0) return -errno;
    memset(call, 0, sizeof *call);
    call->architecture = seen.architecture;
    call->is_entry = seen.op == ENTRY;
    if (seen.op == ENTRY) {
        call->number = seen.entry.number;
        memcpy(call->arguments, seen.entry.arguments, sizeof call->arguments);
    } else if (seen.op == EXIT) {
        call->result = seen.exit.value;
    } else {
        return -EINVAL;
    }
    return 0;
}

int cperf_process_exists(pid_t process) { return kill(process, 0) == 0 || errno != ESRCH; }

int cperf_is_process(pid_t thread) {
    // ESRCH: a thread of another process's.
    return syscall(SYS_tgkill, thread, thread, 0) == 0 || errno == EPERM;
}

static void nothing(int signal) { (void)signal; }

int cperf_trace_interruptible(int signal) {
    struct sigaction action = {.sa_handler = nothing};
    return result(sigaction(signal, &action, NULL));
}

int cperf_receive(int signal) {
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    return -pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

int cperf_run_on(int cpu) {
    static cpu_set_t first;
    static int is_known;
    if (!is_known && sched_getaffinity(0, sizeof first, &first) < 0) return -errno;
    is_known = 1;
    cpu_set_t wanted = first;
    if (cpu >= 0) {
        if (cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, &first)) return -EINVAL;
        CPU_ZERO(&wanted);
        CPU_SET(cpu, &wanted);
    }
    return result(sched_setaffinity(0, sizeof wanted, &wanted));
}

pid_t cperf_thread(void) { return (pid_t)syscall(SYS_gettid); }

int cperf_signal_thread(pid_t thread, int signal) { return result(syscall(SYS_tgkill, getpid(), thread, signal)); }
