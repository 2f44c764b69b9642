/// The range of a name in an arena of names.
package struct NameRange: Hashable, Sendable {
    package var offset: UInt32
    package var length: UInt32

    package init(offset: UInt32, length: UInt32) {
        self.offset = offset
        self.length = length
    }

    /// `nil` if the range extends beyond 4 GiB.
    @inlinable
    package init?(_ indices: Range<Int>) {
        guard let offset = UInt32(exactly: indices.lowerBound), UInt32(exactly: indices.upperBound) != nil else {
            return nil
        }
        self.offset = offset
        length = UInt32(indices.count)
    }

    /// The range, clamped to an arena of `count` bytes.
    @inlinable
    package func indices(in count: Int) -> Range<Int> {
        let lower = min(Int(offset), count)
        return lower..<min(lower + Int(length), count)
    }
}

/// One symbol as stored in the file, before symbols at one address are compared.
package struct ELFSymbol: Hashable, Sendable {
    /// Where a symbol comes from.
    package enum Origin: UInt8, Sendable {
        case symbolTable
        case dynamicSymbolTable
        /// `.plt` entries in relocation order, as perf up to 6.2 finds them.
        case plt
        /// Entries of `.plt`, `.plt.sec` and `.plt.got`, found by the slot that each one jumps through.
        case pltSlot
        /// The table in `.gnu_debugdata`, which perf does not read.
        case miniDebugInformation
        /// Go's function table, in a program without a symbol table. perf does not read it.
        case goFunctionTable
        /// A line of a text file: kallsyms, or a JIT compiler's map.
        case text
        /// A kallsyms line of a module's symbol: `[module]` follows the name.
        case moduleText
    }

    /// Whether the symbol's type is STT_FUNC.
    package var isFunction: Bool { type == Self.functionType }

    /// A file offset; an address for kallsyms and JIT maps.
    package var start: UInt64
    /// In bytes; 0 if the file does not state it.
    package var size: UInt64
    package var name: NameRange
    /// STB_*.
    package var binding: UInt8
    /// STT_*.
    package var type: UInt8
    package var origin: Origin
    /// The section's index; 0 if none.
    package var section: UInt32

    package init(
        start: UInt64, size: UInt64, name: NameRange, binding: UInt8, type: UInt8, origin: Origin, section: UInt32 = 0
    ) {
        self.start = start
        self.size = size
        self.name = name
        self.binding = binding
        self.type = type
        self.origin = origin
        self.section = section
    }

    static let objectType: UInt8 = 1
    static let functionType: UInt8 = 2
    static let indirectFunctionType: UInt8 = 10
    static let noType: UInt8 = 0
    static let globalBinding: UInt8 = 1
    static let weakBinding: UInt8 = 2
}

/// The symbols of one image in the order of its tables, and the bytes of their names.
package struct SymbolList: Sendable {
    package internal(set) var symbols: [ELFSymbol] = []
    package internal(set) var names: [UInt8] = []

    package init() {}

    /// An empty list whose arena is a text that contains the names.
    package init(names: [UInt8]) { self.names = names }

    /// Adds a name to the arena; `nil` when the arena is full (4 GiB).
    package mutating func append(name: some Collection<UInt8>) -> NameRange? {
        guard let offset = UInt32(exactly: names.count), let length = UInt32(exactly: name.count),
            !offset.addingReportingOverflow(length).overflow
        else { return nil }
        names.append(contentsOf: name)
        return NameRange(offset: offset, length: length)
    }

    /// Appends a name of `count` bytes, which `read` fills in; `nil` if it returns false, or if the arena is full (4
    /// GiB).
    mutating func append(count: Int, read: (UnsafeMutableRawBufferPointer) -> Bool) -> NameRange? {
        let start = names.count
        guard let range = NameRange(start..<start + count) else { return nil }
        names.append(contentsOf: repeatElement(0, count: count))
        let isRead = unsafe names.withUnsafeMutableBytes { bytes in
            unsafe read(UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
        }
        guard isRead else {
            names.removeLast(count)
            return nil
        }
        return range
    }

    package mutating func append(_ symbol: ELFSymbol) { symbols.append(symbol) }

    package func name(_ range: NameRange) -> ArraySlice<UInt8> { names[range.indices(in: names.count)] }
}
