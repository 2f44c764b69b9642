/// What /proc/PID/stat says of a process: `pid (comm) state ppid …` (proc_pid_stat(5)). The comm may hold blanks and parentheses.
package struct ProcessStat: Hashable, Sendable {
    package let parent: Int32
    /// It has ended, and nobody has waited for it.
    package let isZombie: Bool
    /// When it began, in ticks since the machine started; `nil` where the line is cut before it.
    package let startTicks: UInt64?

    /// `nil` where no process has that number.
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
