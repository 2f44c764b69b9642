internal import ByteAccess

/// The `.gopclntab` of Go 1.16 and later (`src/internal/abi/symtab.go`, `src/runtime/symtab.go` and
/// `src/cmd/link/internal/ld/pcln.go` of each release): functions, and how far the stack pointer has moved at each of
/// their instructions.
struct GoFunctionTable {
    /// What the table says about one address.
    struct Place {
        var functionStart: UInt64
        /// Distance from the stack pointer to its value at the function's entry, in bytes; `nil` if unknown.
        var frameSize: Int64?
        /// Whether this function is the outermost of its stack (`abi.FuncFlagTopFrame`).
        var isTopFrame: Bool
        /// Whether it sets the stack pointer to another stack (`abi.FuncFlagSPWrite`).
        var writesStackPointer: Bool
    }

    private let bytes: [UInt8]
    private let textStart: UInt64
    private let quantum: UInt64
    private let functions: Int
    private let functionTable: Int
    private let programTable: Int
    private let isOld: Bool
    /// Offset of the flag byte, which follows `funcID`, in a function's data.
    private let flagsOffset: Int
    let count: Int

    /// The table's first word if it is not the magic number of a known layout; otherwise `nil`.
    static func unknownMagic(_ section: UnwindSections.Section) -> UInt32? {
        let magic = section.bytes.load(UInt32.self, at: 0)
        return magic.flatMap { [0xFFFF_FFF1, 0xFFFF_FFF0, 0xFFFF_FFFA].contains($0) ? nil : $0 }
    }

    init?(_ section: UnwindSections.Section, textAddress: UInt64?) {
        let span = section.bytes
        guard let magic = span.load(UInt32.self, at: 0), Self.unknownMagic(section) == nil,
            let quantum = span.load(UInt8.self, at: 6), quantum == 1 || quantum == 4,
            span.load(UInt8.self, at: 7) == 8, let count = span.load(UInt64.self, at: 8)
        else { return nil }
        isOld = magic == 0xFFFF_FFFA
        flagsOffset = magic == 0xFFFF_FFF1 ? 41 : isOld ? 41 : 37
        let tables = isOld ? 48 : 56
        guard let programs = span.load(UInt64.self, at: tables).flatMap({ Int(exactly: $0) }),
            let functions = span.load(UInt64.self, at: tables + 8).flatMap({ Int(exactly: $0) }),
            programs <= span.count, functions <= span.count,
            count <= UInt64((span.count &- functions) / (isOld ? 16 : 8)), count > 0
        else { return nil }
        // In a position-independent program a relocation holds the text's address, and this field is 0.
        let start = isOld ? 0 : span.load(UInt64.self, at: 24) ?? 0
        textStart = isOld || start != 0 ? start : textAddress ?? 0
        bytes = section.bytes
        self.quantum = UInt64(quantum)
        self.functions = functions
        functionTable = functions
        programTable = programs
        self.count = Int(count)
    }

    /// The function around an address; `nil` outside the text.
    func place(of address: UInt64) -> Place? {
        guard let index = index(atOrBelow: address), let (start, data) = function(index),
            // The entry after the last function's gives the end of the text.
            let (end, _) = function(index &+ 1), address < end
        else { return nil }
        let span = bytes
        let place = functions &+ data
        let flags = span.load(UInt8.self, at: place &+ flagsOffset) ?? 0
        let program = span.load(UInt32.self, at: place &+ (isOld ? 20 : 16)) ?? 0
        return Place(
            functionStart: start, frameSize: frameSize(program: program, from: start, at: address),
            isTopFrame: flags & 1 != 0, writesStackPointer: flags & 2 != 0)
    }

    func functionStart(atOrBelow address: UInt64) -> UInt64? { place(of: address)?.functionStart }

    private func index(atOrBelow address: UInt64) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = low &+ (high &- low) / 2
            if let (start, _) = function(middle), start <= address { low = middle &+ 1 } else { high = middle }
        }
        return low > 0 ? low &- 1 : nil
    }

    /// The address of a function and the offset of its data; for the entry after the last function, only the address is
    /// meaningful.
    private func function(_ index: Int) -> (start: UInt64, data: Int)? {
        let span = bytes
        if isOld {
            guard let start = span.load(UInt64.self, at: functionTable &+ 16 &* index) else { return nil }
            let data = span.load(UInt64.self, at: functionTable &+ 16 &* index &+ 8) ?? 0
            return (start, Int(truncatingIfNeeded: min(data, UInt64(bytes.count))))
        }
        guard let start = span.load(UInt32.self, at: functionTable &+ 8 &* index) else { return nil }
        return (textStart &+ UInt64(start), Int(span.load(UInt32.self, at: functionTable &+ 8 &* index &+ 4) ?? 0))
    }

    /// Decodes the pairs of value and address differences up to an address.
    private func frameSize(program: UInt32, from start: UInt64, at address: UInt64) -> Int64? {
        guard program != 0 else { return nil }
        let (offset, overflow) = programTable.addingReportingOverflow(Int(program))
        guard !overflow, offset < bytes.count else { return nil }
        var cursor = DWARFCursor(bytes, offset..<bytes.count)
        var value: Int64 = -1
        var pc = start
        // Each pair advances by at least one instruction.
        for index in 0..<1 << 20 {
            guard let zigzag = cursor.unsigned(), zigzag != 0 || index == 0, let steps = cursor.unsigned() else {
                return nil
            }
            value &+= Int64(bitPattern: zigzag >> 1) ^ -Int64(zigzag & 1)
            pc = pc &+ (steps &* quantum)
            if address < pc { return value }
        }
        return nil
    }
}

extension GoFunctionTable.Place {
    /// The row of the frame; `nil` if the frame's size is unknown or implausible.
    func row(_ architecture: Architecture) -> UnwindRow? {
        guard let frameSize, abs(frameSize) < 1 << 40 else { return nil }
        return architecture.goRow(frameSize: frameSize)
    }
}
