import ByteAccess
import CPerfEvent
import LinuxSystem

/// What the kernel must be told of the joined recorder's own types (BTF): the contents of task storage, and which
/// functions of the programs are verified by themselves.
struct JoinedTypes: ~Copyable {
    let descriptor: OwnedDescriptor

    /// The numbers of the types.
    private enum Number: UInt32 {
        /// The key of task storage, and its value, a struct without members.
        case key = 1
        case thread
        /// `u64`, and functions without arguments and with three, which return one.
        case number
        case noArguments
        case threeArguments
        case ownFunction
        case globalFunction
    }

    static let key = Number.key.rawValue
    static let thread = Number.thread.rawValue

    /// BTF_KIND_* of linux/btf.h, in the upper half of a type's second word; in the lower half the number of arguments, or
    /// a function's linkage.
    private enum Kind {
        static let int: UInt32 = 1 << 24
        static let structure: UInt32 = 4 << 24
        static let function: UInt32 = 12 << 24
        static let prototype: UInt32 = 13 << 24
    }

    init() throws(BPFProgramError) {
        var strings: [UInt8] = [0]
        func name(_ text: String) -> UInt32 {
            defer { strings += Array(text.utf8) + [0] }
            return UInt32(clamping: strings.count)
        }
        let argument = name("argument")
        let words: [[UInt32]] = [
            // Name, kind, bytes; signed, 32 bits.
            [name("int"), Kind.int, 4, 1 << 24 | 32],
            [name("thread"), Kind.structure, JoinedMaps.threadSize],
            [name("u64"), Kind.int, 8, 64],
            // What it returns; a name and a type for each argument.
            [0, Kind.prototype, Number.number.rawValue],
            [0, Kind.prototype | 3, Number.number.rawValue]
                + (0..<3).flatMap { _ in [argument, Number.number.rawValue] },
            [name("own"), Kind.function, Number.noArguments.rawValue],
            [name("global"), Kind.function | 1, Number.threeArguments.rawValue],
        ]
        var types: [UInt8] = []
        for word in words.joined() { types.store(word) }
        // struct btf_header.
        var bytes: [UInt8] = []
        bytes.store(UInt16(0xeb9f))
        bytes.store(UInt16(1))
        for size in [24, 0, types.count, types.count, strings.count] { bytes.store(UInt32(clamping: size)) }
        bytes += types
        bytes += strings
        descriptor = OwnedDescriptor(
            try JoinedMaps.accepted(unsafe cperf_bpf_load_types(bytes, UInt32(clamping: bytes.count))))
    }

    /// `struct bpf_func_info` of each function: where it begins, and its type.
    static func information(_ functions: [BPFObject.Function]) -> [UInt8] {
        var bytes: [UInt8] = []
        for function in functions {
            bytes.store(UInt32(clamping: function.instruction))
            bytes.store((function.isGlobal ? Number.globalFunction : .ownFunction).rawValue)
        }
        return bytes
    }
}
