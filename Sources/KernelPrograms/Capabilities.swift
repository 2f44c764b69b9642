import LinuxSystem

/// A process's capabilities that matter to a recorder, bits as in linux/capability.h.
package struct Capabilities: OptionSet {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let dacReadSearch = Capabilities(rawValue: 1 << 2)
    package static let ipcLock = Capabilities(rawValue: 1 << 14)
    package static let traceProcesses = Capabilities(rawValue: 1 << 19)
    package static let sysAdmin = Capabilities(rawValue: 1 << 21)
    package static let sysResource = Capabilities(rawValue: 1 << 24)
    package static let syslog = Capabilities(rawValue: 1 << 34)
    package static let perfmon = Capabilities(rawValue: 1 << 38)
    package static let bpf = Capabilities(rawValue: 1 << 39)

    /// This process's effective capabilities (CapEff of /proc/self/status); empty if that cannot be read.
    package static var effective: Capabilities {
        let status = (try? SystemFile.bytes("/proc/self/status")) ?? []
        for line in status.split(separator: UInt8(ascii: "\n")) where line.starts(with: "CapEff:".utf8) {
            let digits = String(decoding: line.dropFirst(7), as: UTF8.self).drop { $0 == "\t" || $0 == " " }
            return Capabilities(rawValue: UInt64(digits, radix: 16) ?? 0)
        }
        return []
    }

    /// Names as in capabilities(7), without CAP_DAC_READ_SEARCH.
    package var names: [String] {
        let known: [(Capabilities, String)] = [
            (.ipcLock, "CAP_IPC_LOCK"), (.sysAdmin, "CAP_SYS_ADMIN"), (.sysResource, "CAP_SYS_RESOURCE"),
            (.syslog, "CAP_SYSLOG"), (.perfmon, "CAP_PERFMON"), (.bpf, "CAP_BPF"),
        ]
        return known.filter { contains($0.0) }.map { $0.1 }
    }
}
