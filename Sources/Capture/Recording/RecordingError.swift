import Glibc
import KernelPrograms
import LinuxSystem
package import PerfData

/// Why nothing was recorded: one line each that says what to do.
package enum RecordingError: Error, Hashable, Sendable {
    case usage(String)
    case commandNotFound(String)
    case interpreterNotFound(String)
    case commandNotExecutable(String, code: Int32)
    case cannotStartCommand(code: Int32)
    /// For -u; the command did not run.
    case cannotBecomeUser(String, step: String, code: Int32)
    case noSuchProcess(Int32)
    case isThread(Int32, of: Int32)
    case noControlGroup(String)
    case controlGroup(path: String, code: Int32)
    case tracingNotMounted
    case tracingNotReadable(path: String, code: Int32)
    case unknownTracepoint(String)
    case badFilter(filter: String, tracepoint: String, code: Int32)
    case notPermitted(paranoid: Int?)
    /// Even those of one's own processes.
    case ownNotPermitted(paranoid: Int?)
    /// Refused despite CAP_PERFMON: perf_event_paranoid leaves perf events to CAP_SYS_ADMIN.
    case onlyForRoot(paranoid: Int)
    /// Refused despite CAP_PERFMON or CAP_SYS_ADMIN.
    case forbidden(code: Int32)
    case noSystemCall
    /// With `--recorder joined`.
    case cannotJoin(reason: String)
    /// With `--recorder traced`.
    case cannotTrace(reason: String)
    /// With `--recorder inherited`.
    case cannotInherit(reason: String)
    /// None of the recorders can be used, for the last of which no right would be needed.
    case noRecorder(events: String, tracing: String)
    case tooManyDescriptors(needed: Int, limit: UInt64)
    case lockedMemory(ringSize: Int)
    case cannotOpenEvent(name: String, code: Int32)
    case system(operation: String, code: Int32)
    case session(SessionWriteError)

    /// Whether other rights would help. Who can mount tracefs has them.
    var isForWantOfRights: Bool {
        switch self {
        case .notPermitted, .onlyForRoot, .forbidden, .noSystemCall, .tracingNotReadable: true
        case .tracingNotMounted: !Capabilities.effective.union(Privileges.available).contains(.sysAdmin)
        default: false
        }
    }

    /// The exit status, as env(1) and timeout(1) choose it.
    package var exitStatus: Int32 {
        switch self {
        case .commandNotFound, .interpreterNotFound: 127
        case .commandNotExecutable: 126
        default: 125
        }
    }
}

extension RecordingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .usage(let message):
            return message
        case .commandNotFound(let name):
            return "\(name): command not found: check the name, or give its path"
        case .interpreterNotFound(let name):
            return
                "cannot execute \(name): its interpreter is not found: check its first line, or the dynamic linker it names"
        case .commandNotExecutable(let name, let code):
            return "cannot execute \(name): \(Self.text(code)): check the file's mode (chmod +x) and its first line"
        case .cannotStartCommand(let code):
            let remedy =
                switch code {
                case ENOSYS, EPERM: "allow pidfd_open in the container's seccomp profile"
                case EMFILE, ENFILE: "raise the limit of open files with ulimit -n"
                default: "raise the limit of processes with ulimit -u, or free memory"
                }
            return "cannot start the command: \(Self.text(code)): \(remedy)"
        case .cannotBecomeUser(let name, let step, let code):
            let remedy =
                code == EINVAL
                ? "this user namespace does not have them: run outside of it"
                : "allow setuid and setgid in the container (CAP_SETUID, CAP_SETGID)"
            return "the command cannot run as \(name): cannot \(step): \(Self.text(code)): \(remedy)"
        case .noSuchProcess(let process):
            return "no process \(process) runs: check -p with ps, or pgrep NAME"
        case .isThread(let thread, let process):
            return "\(thread) is a thread of process \(process): give -p \(process)"
        case .noControlGroup(let name):
            return "\(name) is no control group: name a directory that has a file cgroup.procs"
        case .controlGroup(let path, let code):
            let remedy =
                switch code {
                case EBADF, ENOENT: "name one of the hierarchy that has the perf_event controller (see /proc/cgroups)"
                case EINVAL, EOPNOTSUPP: "this kernel has no CONFIG_CGROUP_PERF: record with -p or -a"
                default: "see 'spawnscope doctor'"
                }
            return "cannot record the control group \(path): \(Self.text(code)): \(remedy)"
        case .tracingNotMounted:
            return "tracefs is not mounted: mount it as root with 'mount -t tracefs nodev /sys/kernel/tracing'"
        case .tracingNotReadable(let path, let code):
            return "cannot read \(path): \(Self.text(code)): run it by sudo, with -u \"$USER\" for the command"
        case .unknownTracepoint(let name):
            return
                "unknown tracepoint \(name): this kernel's are listed in available_events of tracefs, as system:event"
        case .badFilter(let filter, let tracepoint, let code):
            return "the kernel refuses the filter '\(filter)' for \(tracepoint) (\(Self.text(code))):"
                + " use the fields of the tracepoint's format file in tracefs, as in 'field == 1 && !(flags & 4)'"
        case .notPermitted(let paranoid):
            let value = paranoid.map { "kernel.perf_event_paranoid is \($0)" } ?? "perf_event_paranoid cannot be read"
            return "perf events of the whole machine are not permitted (\(value)): run it by sudo, with -u"
                + " \"$USER\" for the command"
        case .ownNotPermitted(let paranoid):
            let value = paranoid.map { "kernel.perf_event_paranoid is \($0)" } ?? "perf_event_paranoid cannot be read"
            let remedy =
                (paranoid ?? 0) > 2
                ? "it must be 2 or less"
                : "allow perf_event_open in the container's seccomp profile, or in the security module's policy"
            return "perf events of one's own processes are not permitted (\(value)): \(remedy)"
        case .onlyForRoot(let paranoid):
            return "perf events are for root alone (kernel.perf_event_paranoid is \(paranoid), and CAP_PERFMON is not"
                + " enough for this kernel): run it by sudo, with -u \"$USER\" for the command"
        case .forbidden(let code):
            return "perf events are refused in spite of CAP_PERFMON (\(Self.text(code))): that of a user namespace does"
                + " not count, and outside of one perf_event_open has to be allowed in the container's seccomp profile, or"
                + " in the security module's policy"
        case .noSystemCall:
            return "perf_event_open is not there (ENOSYS): allow it in the container's seccomp profile,"
                + " or use a kernel with CONFIG_PERF_EVENTS"
        case .cannotJoin(let reason):
            return "cannot record with --recorder joined: \(reason); leave it out"
        case .cannotTrace(let reason):
            return "cannot record with --recorder traced: \(reason)"
        case .cannotInherit(let reason):
            return "cannot record with --recorder inherited: \(reason)"
        case .noRecorder(let events, let tracing):
            return "\(events); nor by ptrace: \(tracing)"
        case .tooManyDescriptors(let needed, let limit):
            return "\(needed) descriptors are needed and \(limit) allowed: raise the limit with ulimit -n \(needed)"
        case .lockedMemory(let size):
            return
                "ring buffers of \(size) bytes a CPU exceed the locked-memory limit: make them smaller (--ring-size 256K),"
                + " raise ulimit -l, or raise kernel.perf_event_mlock_kb"
        case .cannotOpenEvent(let name, let code):
            return "cannot open the event \(name): \(Self.text(code)): see 'spawnscope doctor'"
        case .system(let operation, let code):
            return "cannot \(operation): \(Self.text(code))"
        case .session(let error):
            return error.description
        }
    }

    private static func text(_ code: Int32) -> String { SystemError(code).message }
}
