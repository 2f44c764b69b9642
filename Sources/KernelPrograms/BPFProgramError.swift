import Glibc
import LinuxSystem
package import PerfRecords

/// Why BPF programs cannot be used.
package enum BPFProgramError: Error {
    /// The kernel lacks the tracepoint, or its format is not as the programs expect.
    case tracepoint(TracepointName)
    /// The kernel does not describe its types (BTF).
    case types
    /// The kernel lacks the field, or it is not as the programs expect.
    case field(String)
    /// The kernel lacks a function that programs call.
    case function(String)
    /// The compiled programs are not as this version expects them.
    case object
    /// The control group is of a hierarchy of version 1, which programs cannot ask for.
    case group
    /// The helper refuses, and says why.
    case helper(String)
    case system(code: Int32)
}

extension BPFProgramError {
    /// The reason in words, for a process with these capabilities on a kernel of this version.
    package func reason(capabilities: Capabilities, kernel: KernelVersion?) -> String {
        switch self {
        case .tracepoint(let name): return "this kernel's \(name) is missing or another"
        case .types: return "this kernel does not describe its types (\(KernelTypesFile.path))"
        case .field(let field): return "this kernel has no \(field), or another"
        case .function(let name): return "this kernel lacks \(name) (Linux 5.15)"
        case .group: return "its control group is of cgroup version 1"
        case .helper(let reason): return reason
        case .object: return "the compiled programs are damaged"
        case .system(EPERM):
            guard capabilities.contains(.sysAdmin) || capabilities.isSuperset(of: [.bpf, .perfmon]) else {
                return "BPF programs need CAP_BPF and CAP_PERFMON, or root"
            }
            guard let kernel, kernel < KernelVersion(5, 11) else {
                return "BPF programs are refused in spite of CAP_BPF: allow bpf in the container's seccomp profile,"
                    + " or in the security module's policy"
            }
            return "before kernel 5.11 BPF programs count as locked memory, of which too little is allowed:"
                + " raise the limit with ulimit -l"
        case .system(let code): return "BPF programs are refused (\(SystemError(code).message))"
        }
    }
}
