internal import ByteAccess

/// Reads the encodings of DWARF 5 section 7.6 from part of a section. A read that would leave the part returns `nil`.
struct DWARFCursor {
    let bytes: [UInt8]
    private(set) var offset: Int
    let end: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        let range = range.clamped(to: 0..<bytes.count)
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    var rest: Range<Int> { offset..<end }
    var isAtEnd: Bool { offset >= end }

    mutating func fixed<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> Value? {
        guard offset <= end &- MemoryLayout<Value>.size, let value = bytes.load(type, at: offset) else {
            return nil
        }
        offset &+= MemoryLayout<Value>.size
        return value
    }

    /// ULEB128. Bits above the 64th are dropped; `nil` if it has more than 10 bytes.
    mutating func unsigned() -> UInt64? {
        var value: UInt64 = 0
        for index in 0..<UInt64(10) {
            guard let byte = fixed(UInt8.self) else { return nil }
            value |= UInt64(byte & 0x7F) &<< (7 &* index)
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    /// SLEB128; `nil` if it has more than 10 bytes.
    mutating func signed() -> Int64? {
        var value: UInt64 = 0
        for index in 0..<UInt64(10) {
            guard let byte = fixed(UInt8.self) else { return nil }
            value |= UInt64(byte & 0x7F) &<< (7 &* index)
            if byte & 0x80 == 0 {
                if index < 9, byte & 0x40 != 0 { value |= ~0 &<< (7 &* index &+ 7) }
                return Int64(bitPattern: value)
            }
        }
        return nil
    }

    /// Reads a ULEB128 length, skips the block that it covers, and returns the block's range.
    mutating func block() -> Range<Int>? {
        guard let length = unsigned() else { return nil }
        return skip(length)
    }

    /// Skips `count` bytes and returns their range.
    mutating func skip(_ count: UInt64) -> Range<Int>? {
        guard let count = Int(exactly: count), count <= end &- offset else { return nil }
        defer { offset &+= count }
        return offset..<offset &+ count
    }

    /// A NUL-terminated string of at most `longest` bytes.
    mutating func string(longest: Int) -> [UInt8]? {
        var text: [UInt8] = []
        while let byte = fixed(UInt8.self) {
            if byte == 0 { return text }
            guard text.count < longest else { return nil }
            text.append(byte)
        }
        return nil
    }

    /// Moves within the part; `false` if the target is outside it.
    mutating func move(by distance: Int) -> Bool {
        let (place, overflow) = offset.addingReportingOverflow(distance)
        guard !overflow, place >= 0, place <= end else { return false }
        offset = place
        return true
    }
}
