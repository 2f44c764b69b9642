import ByteAccess
import Glibc
import LinuxSystem

/// The program that a process has just executed: what the kernel has put on its stack, and its file.
struct TraceeImage {
    /// As the exec call named it.
    var path: [UInt8] = []
    /// What its file is called now.
    var file: [UInt8] = []
    var inode: UInt64 = 0
    /// The kernel's own dev_t: the major number in the upper 12 bits, the minor one in the lower 20.
    var device: UInt32 = 0
    /// The file asks for its owner's rights, which a tracer without rights withholds.
    var asksForRights = false
    var argumentBytes = Self.unknown
    var environmentBytes = Self.unknown
    var stackStart: UInt64 = 0

    init(of process: Int32) {
        if let registers = TraceeRegisters(of: process) {
            stackStart = registers.stack
            readStack(of: process, is32Bit: registers.is32Bit)
        }
        let link = "/proc/\(process)/exe"
        if let path = SystemFile.link(link) { file = Array(path.utf8) }
        if let status = try? FileStatus(link) {
            inode = status.inode
            device = Self.kernelNumber(status.device)
            asksForRights = status.asksForRights
        }
        // Nobody may look into a program that its user cannot read.
        if path.isEmpty { path = file }
    }

    /// A size that no address space has room for.
    private static let unknown = UInt64.max

    /// From makedev(3)'s number.
    private static func kernelNumber(_ device: UInt64) -> UInt32 {
        let major = device >> 8 & 0xfff | device >> 32 & 0xffff_f000
        let minor = device & 0xff | device >> 12 & 0xffff_ff00
        return UInt32(truncatingIfNeeded: major << 20 | minor & 0xf_ffff)
    }

    /// AT_EXECFN of linux/auxvec.h.
    private static let nameOfFile: UInt64 = 31
    private static let longestPath = 4096
    /// The most words that are looked at: the kernel takes more arguments, but hardly anyone gives them.
    private static let mostWords = 1 << 20

    /// What a new program finds at its stack pointer: argc, argv, NULL, envp, NULL, pairs of the auxiliary vector. The strings
    /// lie above, in this order, and the name of the file above them.
    private mutating func readStack(of process: Int32, is32Bit: Bool) {
        let size = is32Bit ? 4 : 8
        var bytes: [UInt8] = []
        var wanted = 2048
        func word(_ index: Int) -> UInt64? {
            is32Bit
                ? bytes.load(UInt32.self, at: index * size).map(UInt64.init)
                : bytes.load(UInt64.self, at: index * size)
        }
        /// Where the auxiliary vector begins; `nil` if more has to be read.
        func vector() -> Int? {
            guard let count = word(0), count < Self.mostWords else { return nil }
            var index = Int(count) + 2
            while let pointer = word(index) {
                index += 1
                if pointer == 0 { return index }
            }
            return nil
        }
        func name(_ start: Int) -> UInt64? {
            var index = start
            while let key = word(index), key != 0 {
                if key == Self.nameOfFile { return word(index + 1) }
                index += 2
            }
            return nil
        }
        while true {
            bytes = Tracee.memory(of: process, at: stackStart, size: wanted)
            let isAll = bytes.count < wanted || wanted >= Self.mostWords * size
            if let start = vector(), let place = name(start), let count = word(0) {
                path = Tracee.string(of: process, at: place, limit: Self.longestPath) ?? []
                let first = word(1) ?? 0
                let environment = word(Int(count) + 2) ?? 0
                let end = environment == 0 ? place : environment
                if count > 0, first < end { argumentBytes = end - first }
                if environment == 0 || environment < place {
                    environmentBytes = environment == 0 ? 0 : place - environment
                }
                return
            }
            guard !isAll else { return }
            wanted *= 8
        }
    }

    /// The name that the kernel gives to the process; `nil` if its file was named by a descriptor, which older kernels take
    /// the name from.
    var name: TraceeName? {
        guard !path.isEmpty, !path.starts(with: "/dev/fd/".utf8) else { return nil }
        return TraceeName(path[((path.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...])
    }
}
