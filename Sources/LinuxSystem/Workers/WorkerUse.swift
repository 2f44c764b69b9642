internal import Glibc

/// What a worker has used so far, read from procfs. A parent that may not set another user's limits (root without
/// CAP_SYS_RESOURCE, as in a container) has no other check.
struct WorkerUse: ~Copyable {
    private let stat: OwnedDescriptor
    private let memory: OwnedDescriptor

    init(of process: pid_t) {
        stat = OwnedDescriptor(unsafe open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC))
        memory = OwnedDescriptor(unsafe open("/proc/\(process)/statm", O_RDONLY | O_CLOEXEC))
    }

    /// Seconds of CPU time (proc_pid_stat(5), fields 14 and 15) and bytes of unshared memory (proc_pid_statm(5),
    /// resident minus shared); zeros if the process has ended.
    func now() -> (seconds: UInt64, bytes: UInt64) {
        let ticks = Self.fields(of: stat).flatMap { Self.ticks(ofStat: $0) } ?? 0
        let pages = Self.fields(of: memory).map(Self.numbers) ?? []
        let ticksASecond = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let pageSize = UInt64(max(1, sysconf(Int32(_SC_PAGESIZE))))
        guard pages.count > 2, pages[1] >= pages[2] else { return (ticks / ticksASecond, 0) }
        return (ticks / ticksASecond, (pages[1] - pages[2]) &* pageSize)
    }

    /// User and system time in clock ticks, from a line of proc_pid_stat(5).
    static func ticks(ofStat line: [UInt8]) -> UInt64? {
        // Field 2 is the name in parentheses, which may contain anything. Counted from behind it, field 14 has index
        // 11.
        guard let end = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = numbers(Array(line[(end + 1)...]))
        return fields.count > 12 ? fields[11] &+ fields[12] : nil
    }

    private static func fields(of file: borrowing OwnedDescriptor) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let number = file.number
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(number, $0.baseAddress, $0.count, 0) }
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }

    private static func numbers(_ text: [UInt8]) -> [UInt64] {
        // A field that is not a number, or is negative (as tpgid without a terminal), reads as 0 and keeps its place.
        text.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }.map {
            UInt64(String(decoding: $0, as: UTF8.self)) ?? 0
        }
    }
}
