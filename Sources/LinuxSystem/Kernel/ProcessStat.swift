/// Fields of /proc/PID/stat: `pid (comm) state ppid …` (proc_pid_stat(5)). The comm may contain blanks and parentheses.
package struct ProcessStat: Hashable, Sendable {
    package let parent: Int32
    /// Whether it has ended but is not reaped yet.
    package let isZombie: Bool
    /// Start time in clock ticks since boot; `nil` if the line ends before it.
    package let startTicks: UInt64?

    /// `nil` if there is no such process.
    package init?(of process: Int32) {
        guard let bytes = try? SystemFile.bytes("/proc/\(process)/stat", limit: 4096) else { return nil }
        self.init(bytes)
    }

    package init?(_ bytes: [UInt8]) {
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        // The state is the third field.
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "), maxSplits: 20)
        guard fields.count >= 2, let state = fields[0].first,
            let parent = Int32(String(decoding: fields[1], as: UTF8.self))
        else { return nil }
        self.parent = parent
        isZombie = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
        startTicks = fields.count > 19 ? UInt64(String(decoding: fields[19], as: UTF8.self)) : nil
    }
}
