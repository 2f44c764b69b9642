import ByteAccess
import CPerfEvent
import Glibc
import LinuxSystem
import PerfData

/// A thread's name, 16 bytes with the NUL, in two words.
struct TraceeName: Hashable {
    var low: UInt64 = 0
    var high: UInt64 = 0

    init() {}

    /// The name that a thread has now; empty if it is gone.
    init(of thread: Int32) {
        guard let text = try? SystemFile.bytes("/proc/\(thread)/comm", limit: 64) else { return }
        var bytes = Array(text.prefix { $0 != UInt8(ascii: "\n") }.prefix(15))
        while bytes.count < 16 { bytes.append(0) }
        low = bytes.load(UInt64.self, at: 0) ?? 0
        high = bytes.load(UInt64.self, at: 8) ?? 0
    }
}

/// The program that a process has just executed, as far as its procfs directory shows it to the recorder.
struct TraceeImage {
    /// As the exec call named it.
    var path: [UInt8] = []
    /// What its file is called now.
    var file: [UInt8] = []
    var inode: UInt64 = 0
    /// The kernel's own dev_t: the major number in the upper 12 bits, the minor one in the lower 20.
    var device: UInt32 = 0
    var argumentBytes: UInt64 = 0
    var environmentBytes: UInt64 = 0
    var stackStart: UInt64?

    /// From makedev(3)'s number.
    private static func kernelNumber(_ device: UInt64) -> UInt32 {
        let major = device >> 8 & 0xfff | device >> 32 & 0xffff_f000
        let minor = device & 0xff | device >> 12 & 0xffff_ff00
        return UInt32(truncatingIfNeeded: major << 20 | minor & 0xf_ffff)
    }

    /// AT_EXECFN of linux/auxvec.h.
    private static let nameOfFile: UInt64 = 31
    private static let longestPath = 4096

    init(of process: Int32) {
        if let link = SystemFile.link("/proc/\(process)/exe") { file = Array(link.utf8) }
        if let status = try? FileStatus("/proc/\(process)/exe") {
            inode = status.inode
            device = Self.kernelNumber(status.device)
        }
        if let layout = TraceeLayout(of: process) {
            stackStart = layout.stackStart
            argumentBytes = layout.argumentBytes
            environmentBytes = layout.environmentBytes
        }
        let vector = (try? SystemFile.bytes("/proc/\(process)/auxv", limit: 4096)) ?? []
        for offset in stride(from: 0, to: vector.count, by: 16)
        where vector.load(UInt64.self, at: offset) == Self.nameOfFile {
            guard let address = vector.load(UInt64.self, at: offset + 8) else { break }
            path = Tracee.string(of: process, at: address, limit: Self.longestPath) ?? []
            break
        }
    }
}

/// What /proc/PID/stat shows of a process's memory to those who may look into it (proc_pid_stat(5)).
struct TraceeLayout {
    let stackStart: UInt64
    let argumentBytes: UInt64
    let environmentBytes: UInt64

    init?(of process: Int32) {
        guard let bytes = try? SystemFile.bytes("/proc/\(process)/stat", limit: 4096),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        // From the third field on.
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " ")).map {
            UInt64(String(decoding: $0, as: UTF8.self))
        }
        func field(_ number: Int) -> UInt64 { fields.indices.contains(number - 3) ? fields[number - 3] ?? 0 : 0 }
        stackStart = field(28)
        argumentBytes = field(49) &- field(48)
        environmentBytes = field(51) &- field(50)
    }
}

/// A stopped thread's registers and memory.
enum Tracee {
    /// struct user_regs_struct of x86-64: 21 words as in struct pt_regs, then the bases of fs and gs.
    enum Register {
        static let count = 27
        static let argument1 = 14
        static let call = 15
        static let instruction = 16
        static let stack = 19
        static let threadBase = 21
    }

    /// `nil` for a 32-bit program.
    static func registers(of thread: Int32) -> [UInt64]? {
        var words = [UInt64](repeating: 0, count: Register.count)
        let size = unsafe cperf_trace_registers(thread, &words, words.count)
        return size == Int32(words.count * 8) ? words : nil
    }

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

    /// How many pages a process has mapped, which changes with its mappings (proc_pid_statm(5)).
    static func mappedPages(of process: Int32) -> UInt64? {
        guard let text = try? SystemFile.bytes("/proc/\(process)/statm", limit: 128) else { return nil }
        return UInt64(String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self))
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

    static func word(of process: Int32, at address: UInt64) -> UInt64? {
        var word: UInt64 = 0
        return unsafe cperf_trace_read(process, address, &word, 8) == 8 ? word : nil
    }
}
