internal import ByteAccess
internal import ELFImages
internal import PerfRecords

/// Why a JIT compiler's dump gives no names, or not all.
package enum JITDumpError: Error, Hashable, Sendable {
    /// It does not begin with a dump's header.
    case notADump
    /// It was written on a machine of the other byte order.
    case otherByteOrder
    case version(UInt32)
    /// It holds code of another machine: its ELF number (`e_machine`).
    case otherMachine(UInt32)
    /// Its times come from a CPU counter, which cannot be related to the session's clock.
    case architectureTime
    /// The record at this offset is broken, and what follows it is not read.
    case damaged(offset: UInt64)
    /// It holds more functions than are read (`JITDump.mostCodes`).
    case tooLarge
}

/// A `jit-PID.dump`, in which a JIT compiler logs the code that it compiles and moves, in the format of
/// tools/perf/Documentation/jitdump-specification.txt, version 1, little-endian.
struct JITDump {
    /// From `time` on, `start..<end` is the code of a function, or of none if `name` is `nil`.
    struct Code {
        var time: UInt64
        var start: UInt64
        var end: UInt64
        var name: NameRange?
    }

    /// In time order; in file order among equal times.
    private(set) var codes: [Code] = []
    /// The arena of the names.
    private(set) var names = SymbolList()
    /// Why the rest was not read.
    private(set) var problem: JITDumpError?
    /// Whether names were cut (`longestName`).
    private(set) var hasLongNames = false
    /// Indices in `codes` by the dump's code index, for records that move code.
    private var byIndex: [UInt64: Int] = [:]

    /// Limits: records after this many functions are not read, larger functions are ignored, and longer names are cut.
    /// Sizes are in bytes.
    static let mostCodes = 1 << 19
    static let largestCode: UInt64 = 1 << 24
    static let longestName = 4096

    private static let magic: UInt32 = 0x4A69_5444
    /// Bytes of the fixed parts: the file's header, the prefix of each record, a JIT_CODE_LOAD, a JIT_CODE_MOVE.
    private enum Size {
        static let header = 40
        static let prefix = 16
        static let load = 56
        static let move = 64
    }
    private enum Kind {
        static let load: UInt32 = 0
        static let move: UInt32 = 1
    }

    /// Reads a dump of `size` bytes; `read` returns bytes from an offset on, at most `count` of them. `machine` is the
    /// recorded machine's ELF number, if known.
    init(size: UInt64, machine: UInt32?, read: (_ offset: UInt64, _ count: Int) -> [UInt8]) throws(JITDumpError) {
        let header = read(0, Size.header)
        let headerSize = try Self.checkHeader(header, machine: machine)
        var window: [UInt8] = []
        var windowStart: UInt64 = 0
        var offset = UInt64(headerSize)
        while offset <= size, size - offset >= UInt64(Size.prefix) {
            // A record's name is in the same window as its start; its code need not be.
            let wanted = Int(min(UInt64(Size.move + Self.longestName), size - offset))
            if offset < windowStart || offset - windowStart + UInt64(wanted) > UInt64(window.count) {
                window = read(offset, 1 << 18)
                windowStart = offset
            }
            let place = Int(offset - windowStart)
            let length = unsafe take(window.span.bytes, at: place, limit: size - offset)
            // An incomplete record is still being written.
            guard let length else { break }
            guard length >= UInt64(Size.prefix) else {
                problem = .damaged(offset: offset)
                break
            }
            guard codes.count < Self.mostCodes else {
                problem = .tooLarge
                break
            }
            offset += length
        }
        byIndex = [:]
        let order = codes.indices.sorted { (codes[$0].time, $0) < (codes[$1].time, $1) }
        codes = order.map { codes[$0] }
    }

    /// Checks the header and returns its size in bytes.
    private static func checkHeader(_ header: [UInt8], machine: UInt32?) throws(JITDumpError) -> UInt32 {
        let bytes = unsafe header.span.bytes
        guard let found = bytes.load(UInt32.self, at: 0) else { throw .notADump }
        if found == magic.byteSwapped { throw .otherByteOrder }
        guard found == magic, let version = bytes.load(UInt32.self, at: 4), let size = bytes.load(UInt32.self, at: 8),
            let elfMachine = bytes.load(UInt32.self, at: 12), let flags = bytes.load(UInt64.self, at: 32)
        else { throw .notADump }
        guard version == 1 else { throw .version(version) }
        guard size >= Size.header else { throw .notADump }
        // CPython 3.13 leaves this 0 (EM_NONE).
        if let machine, elfMachine != 0, machine != elfMachine { throw .otherMachine(elfMachine) }
        // JITDUMP_FLAGS_ARCH_TIMESTAMP
        guard flags & 1 == 0 else { throw .architectureTime }
        return size
    }

    /// Takes the record at an offset in the window and returns its size; `nil` if it is incomplete.
    private mutating func take(_ bytes: borrowing RawSpan, at offset: Int, limit: UInt64) -> UInt64? {
        guard let kind = bytes.load(UInt32.self, at: offset), let size = bytes.load(UInt32.self, at: offset &+ 4),
            let time = bytes.load(UInt64.self, at: offset &+ 8), UInt64(size) <= limit
        else { return nil }
        func word(_ index: Int) -> UInt64? { bytes.load(UInt64.self, at: offset &+ 24 &+ index &* 8) }
        switch kind {
        case Kind.load where size > Size.load:
            // vma, code_addr, code_size, code_index, the name, the code
            guard let start = word(1), let length = word(2), let index = word(3) else { break }
            let field = offset &+ Size.load..<offset &+ Size.load &+ min(Self.longestName, Int(size) &- Size.load)
            let name = bytes.bytes(in: field.lowerBound..<field.lowerBound &+ bytes.stringLength(in: field))
            if name.count == Self.longestName { hasLongNames = true }
            guard !name.isEmpty, let range = names.append(name: name) else { break }
            add(Code(time: time, start: start, end: start, name: range), length: length, index: index)
        case Kind.move where size >= Size.move:
            // vma, old_code_addr, new_code_addr, code_size, code_index
            guard let start = word(2), let length = word(3), let index = word(4), let known = byIndex[index] else {
                break
            }
            let old = codes[known]
            codes.append(Code(time: time, start: old.start, end: old.end, name: nil))
            add(Code(time: time, start: start, end: start, name: old.name), length: length, index: index)
        default: break
        }
        return UInt64(size)
    }

    private mutating func add(_ code: Code, length: UInt64, index: UInt64) {
        let (end, overflow) = code.start.addingReportingOverflow(length)
        guard length > 0, length <= Self.largestCode, !overflow else { return }
        var code = code
        code.end = end
        byIndex[index] = codes.count
        codes.append(code)
    }
}
