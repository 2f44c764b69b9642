import LinuxSystem

/// Whose memory may be read besides what ids and dumpability say: the security module Yama's kernel.yama.ptrace_scope.
enum TraceRestriction: Equatable {
    case none
    /// A process's own descendants alone (1).
    case descendants
    /// Nobody's without rights (2 and 3).
    case nobody

    static var ofThisMachine: TraceRestriction {
        switch SystemFile.number("/proc/sys/kernel/yama/ptrace_scope") ?? 0 {
        case 0: .none
        case 1: .descendants
        default: .nobody
        }
    }
}
