import Glibc
import LinuxSystem

/// What a process that creates others is called, has mapped, and where it runs: one file of proc, which stays open for the
/// process that did so last. To open two others at each creation took a fifth of its stop.
struct SpawnerFile: ~Copyable {
    struct State {
        var name: TraceeName
        /// It changes with the process's mappings.
        var mappedBytes: UInt64
        /// The CPU that its first thread ran on last.
        var cpu: Int32?
    }

    private var process: Int32 = 0
    private var file = OwnedDescriptor(-1)

    /// Longer than any: 50 numbers and a name.
    private static let room = 2048

    /// `nil` if the process is gone.
    mutating func state(of process: Int32) -> State? {
        if process == self.process, let state = read() { return state }
        // The thread's own file: that of a process adds up all of its threads.
        self.process = process
        do { file = try OwnedDescriptor(reading: "/proc/\(process)/task/\(process)/stat") } catch { return nil }
        return read()
    }

    private func read() -> State? {
        guard file.number >= 0 else { return nil }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.room) { buffer, count in
            count = unsafe max(0, pread(file.number, buffer.baseAddress, Self.room, 0))
        }
        return Self.parse(bytes)
    }

    /// proc_pid_stat(5): the second field is the name in parentheses, which may hold any of these itself.
    static func parse(_ bytes: [UInt8]) -> State? {
        guard let start = bytes.firstIndex(of: UInt8(ascii: "(")), let end = bytes.lastIndex(of: UInt8(ascii: ")")),
            start < end
        else { return nil }
        var state = State(name: TraceeName(bytes[(start + 1)..<end]), mappedBytes: 0)
        var field = 2
        var number: UInt64 = 0
        for byte in bytes[(end + 1)...] {
            if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") {
                if field == 23 { state.mappedBytes = number }
                if field == 39 {
                    state.cpu = Int32(clamping: number)
                    break
                }
                field += 1
                number = 0
            } else {
                number = number &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
            }
        }
        return state
    }
}
