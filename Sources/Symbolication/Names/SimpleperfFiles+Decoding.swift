internal import ELFImages

/// simpleperf's two formats of the section (system/extras/simpleperf/record_file_format.h and record_file.proto), one
/// file after another:
///
///     FILE (bit 128): u32 size, path NUL, u32 kind, u64 lowest address, u32 count,
///         count times: u64 address, u32 size, name NUL
///         dex: u32 count, u64 offsets; ELF, module: u64 offset, since 2020
///     FILE2 (bit 132): u32 size, then in protobuf: 1 path, 2 kind, 3 lowest address,
///         4 symbols: 1 address, 2 size, 3 name
///         6 ELF, 7 module: 1 offset
extension SimpleperfFiles {
    /// Reads a section; damaged parts are left out, and noted.
    mutating func read(_ section: [UInt8], isProtobuf: Bool) {
        var cursor = ByteCursor(section[...])
        while !cursor.isAtEnd {
            let start = cursor.offset
            guard let size = cursor.number(bytes: 4).flatMap(Int.init(exactly:)), let body = cursor.slice(size) else {
                return note(damage: start)
            }
            var file = File()
            // A copy, so that the file does not hold the bytes of others.
            file.names = Array(body)
            // proto3 omits zeros, and the kernel's kind is 0.
            if isProtobuf { file.kind = .kernel }
            var content = ByteCursor(file.names[...])
            let isWhole = isProtobuf ? file.readProtobuf(&content) : file.readFields(&content)
            if !isWhole { note(damage: start) }
            guard add(file) else { return note(damage: start) }
        }
    }
}

extension SimpleperfFiles.File {
    /// Returns whether the bytes were well-formed.
    fileprivate mutating func readFields(_ cursor: inout ByteCursor) -> Bool {
        guard let path = cursor.terminated(), let number = cursor.number(bytes: 4),
            let lowest = cursor.number(bytes: 8), let count = cursor.number(bytes: 4)
        else { return false }
        self.path = String(decoding: names[path], as: UTF8.self)
        kind = UInt32(exactly: number).flatMap(SimpleperfFiles.Kind.init) ?? .unknown
        minimumAddress = lowest
        for _ in 0..<count {
            guard let start = cursor.number(bytes: 8), let size = cursor.number(bytes: 4),
                let name = cursor.terminated()
            else { return false }
            guard append(start: start, size: size, name) else { return false }
        }
        if kind == .dex {
            guard let count = cursor.number(bytes: 4).flatMap(Int.init(exactly:)), count <= names.count,
                cursor.slice(count * 8) != nil
            else { return false }
        }
        if kind == .elf || kind == .kernelModule, !cursor.isAtEnd {
            guard let offset = cursor.number(bytes: 8) else { return false }
            set(offset: offset)
        }
        return cursor.isAtEnd
    }

    fileprivate mutating func readProtobuf(_ cursor: inout ByteCursor) -> Bool {
        while !cursor.isAtEnd {
            guard let (field, value) = cursor.field() else { return false }
            switch (field, value) {
            case (1, .bytes(let range)): path = String(decoding: names[range], as: UTF8.self)
            case (2, .number(let number)): kind = UInt32(exactly: number).flatMap(SimpleperfFiles.Kind.init) ?? .unknown
            case (3, .number(let number)): minimumAddress = number
            case (4, .bytes(let range)): guard readSymbol(range) else { return false }
            case (6, .bytes(let range)), (7, .bytes(let range)):
                var content = ByteCursor(names[range])
                var offset: UInt64 = 0
                while !content.isAtEnd {
                    guard let (field, value) = content.field() else { return false }
                    if field == 1, case .number(let number) = value { offset = number }
                }
                set(offset: offset)
            default: break
            }
        }
        return true
    }

    private mutating func readSymbol(_ range: Range<Int>) -> Bool {
        var content = ByteCursor(names[range])
        var (start, size): (UInt64, UInt64) = (0, 0)
        var name = range.lowerBound..<range.lowerBound
        while !content.isAtEnd {
            guard let (field, value) = content.field() else { return false }
            switch (field, value) {
            case (1, .number(let number)): start = number
            case (2, .number(let number)): size = number
            case (3, .bytes(let range)): name = range
            default: break
            }
        }
        return append(start: start, size: size, name)
    }

    /// simpleperf writes the highest number for an unknown offset.
    private mutating func set(offset: UInt64) { self.offset = offset == .max ? nil : offset }

    /// Returns false if there are too many symbols. One without a name or without code is ignored.
    private mutating func append(start: UInt64, size: UInt64, _ name: Range<Int>) -> Bool {
        var text = name.lowerBound..<(names[name].firstIndex(of: 0) ?? name.upperBound)
        if text.count > SimpleperfFiles.longestName {
            hasLongNames = true
            text = text.prefix(SimpleperfFiles.longestName)
        }
        guard size > 0, !text.isEmpty, let range = NameRange(text) else { return true }
        guard symbols.count < SimpleperfFiles.mostSymbols else { return false }
        symbols.append(SimpleperfFiles.Symbol(start: start, size: size, name: range))
        return true
    }
}

/// A read position in a slice of bytes. Reading beyond the end gives `nil`.
private struct ByteCursor {
    enum Value {
        case number(UInt64)
        /// Indices into the bytes that the cursor was made from.
        case bytes(Range<Int>)
    }

    private let bytes: ArraySlice<UInt8>
    private(set) var offset: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        offset = bytes.startIndex
    }

    var isAtEnd: Bool { offset >= bytes.endIndex }

    /// A little-endian number.
    mutating func number(bytes count: Int) -> UInt64? {
        guard let slice = slice(count) else { return nil }
        return slice.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func slice(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.endIndex - offset else { return nil }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    /// A text up to its NUL.
    mutating func terminated() -> Range<Int>? {
        guard let end = bytes[offset...].firstIndex(of: 0) else { return nil }
        defer { offset = end + 1 }
        return offset..<end
    }

    /// A protobuf field: its number and its value. Fixed-size values are numbers too.
    mutating func field() -> (Int, Value)? {
        guard let key = varint(), let field = Int(exactly: key >> 3) else { return nil }
        switch key & 7 {
        case 0: return varint().map { (field, .number($0)) }
        case 1: return number(bytes: 8).map { (field, .number($0)) }
        case 2:
            guard let count = varint().flatMap(Int.init(exactly:)), let slice = slice(count) else { return nil }
            return (field, .bytes(slice.indices))
        case 5: return number(bytes: 4).map { (field, .number($0)) }
        default: return nil
        }
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = slice(1)?.first else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
