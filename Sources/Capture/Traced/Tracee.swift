import ByteAccess
import CPerfEvent
import LinuxSystem

/// A thread's name, 16 bytes with the NUL, in two words.
struct TraceeName: Hashable {
    var low: UInt64 = 0
    var high: UInt64 = 0

    init() {}

    /// The name that a thread has now; empty if it is gone.
    init(of thread: Int32) {
        let text = (try? SystemFile.bytes("/proc/\(thread)/comm", limit: 64)) ?? []
        self.init(text.prefix { $0 != UInt8(ascii: "\n") })
    }

    init(_ text: some Sequence<UInt8>) {
        var bytes = Array(text.prefix(15))
        while bytes.count < 16 { bytes.append(0) }
        low = bytes.load(UInt64.self, at: 0) ?? 0
        high = bytes.load(UInt64.self, at: 8) ?? 0
    }
}

/// A stopped thread's memory.
enum Tracee {
    /// Memory from `address` on, at most `size` bytes and up to where it ends.
    static func memory(of process: Int32, at address: UInt64, size: Int) -> [UInt8] {
        guard size > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = unsafe max(0, cperf_trace_read(process, address, buffer.baseAddress, size))
        }
    }

    /// A string without its NUL; `nil` if none can be read.
    static func string(of process: Int32, at address: UInt64, limit: Int) -> [UInt8]? {
        var text: [UInt8] = []
        var place = address
        while text.count < limit {
            // A read past the last page of a mapping would fail as a whole.
            let rest = 4096 - Int(place & 4095)
            let piece = memory(of: process, at: place, size: min(rest, 256, limit - text.count))
            guard !piece.isEmpty else { return text.isEmpty ? nil : text }
            if let end = piece.firstIndex(of: 0) { return text + piece[..<end] }
            text += piece
            place &+= UInt64(piece.count)
        }
        return text
    }

    static func word(of process: Int32, at address: UInt64) -> UInt64? {
        var word: UInt64 = 0
        return unsafe cperf_trace_read(process, address, &word, 8) == 8 ? word : nil
    }

    /// Where the stack ends of a thread that is not its process's first; `nil` if that cannot be told. `base`: of fs.
    static func stackEnd(of thread: Int32, pointer: UInt64, threadBase base: UInt64) -> UInt64? {
        guard base > 8 else { return nil }
        // Go's runtime.g is at -8(FS); it begins with { stack.lo, stack.hi }.
        if let goroutine = word(of: thread, at: base - 8), goroutine > 0,
            let low = word(of: thread, at: goroutine), let high = word(of: thread, at: goroutine &+ 8),
            low <= pointer, pointer < high, high - low <= 1 << 30
        {
            return high
        }
        // glibc's threads have what fs points to at the end of their stacks.
        return pointer < base && base - pointer < 64 << 20 ? base : nil
    }
}
