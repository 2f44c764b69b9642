internal import ByteAccess

/// A tracepoint's `format` file: the position of each field in the raw bytes of its samples.
///
/// Ids, offsets, sizes and even types differ between kernels, so fields are found by name in the copy that the session
/// carries (Documentation/trace/events.rst).
public struct TracepointFormat: Hashable, Sendable {
    /// One field of a record.
    public struct Field: Hashable, Sendable {
        /// How the bytes are to be read.
        public enum Kind: Hashable, Sendable {
            /// A number of 1, 2, 4 or 8 bytes, little-endian.
            case integer(isSigned: Bool)
            /// A fixed-size array, such as `char comm[16]`.
            case array
            /// `__data_loc`: a `u32` that holds offset (low half) and length (high half) in the raw bytes.
            case dataLocation
            /// `__rel_loc`: like `__data_loc`, but the offset counts from the end of the field.
            case relativeLocation
        }

        /// A field's position and kind without its name, as needed to read it from a sample.
        public struct Place: Hashable, Sendable {
            /// How it is read.
            public var kind: Kind
            /// Bytes from the start of the raw bytes.
            public var offset: Int
            /// Size in bytes.
            public var size: Int
        }

        /// The name in the format file.
        public var name: String
        /// The field's position and kind.
        public var place: Place
    }

    /// Its directory under tracefs `events`, such as `sched`.
    public var system: String
    /// The name within its system, such as `sched_switch`.
    public var name: String
    /// The `common_type` of its samples, and `config` of its attributes.
    public var id: Int
    /// The fields in the order of the file, the common ones first.
    public var fields: [Field]

    /// The name that perf uses: `sched:sched_switch`.
    public var qualifiedName: String { "\(system):\(name)" }

    /// Parses the text of a format file; `nil` if it has no name or id. Unknown lines are skipped.
    public init?(system: String, text: String) {
        self.system = system
        var name: String?
        var id: Int?
        var fields: [Field] = []
        // By bytes: a session has dozens of formats, and every subcommand begins with them.
        for line in Array(text.utf8).split(separator: UInt8(ascii: "\n")) {
            let line = line.drop(while: Self.isBlank)
            if line.starts(with: "name:".utf8) {
                name = String(decoding: line.dropFirst(5).drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
            } else if line.starts(with: "ID:".utf8) {
                id = Self.number(line.dropFirst(3).drop { $0 == UInt8(ascii: " ") })
            } else if line.starts(with: "field:".utf8), let field = Field(line: line) {
                fields.append(field)
            } else if line.starts(with: "print fmt:".utf8) {
                break
            }
        }
        guard let name, let id else { return nil }
        self.name = name
        self.id = id
        self.fields = fields
    }

    fileprivate static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    fileprivate static func number(_ text: ArraySlice<UInt8>) -> Int? { Int(String(decoding: text, as: UTF8.self)) }

    /// The field of this name; `nil` if the tracepoint has none in this kernel.
    public func field(_ name: String) -> Field? {
        fields.first { $0.name == name }
    }

    package func place(of name: String) -> Field.Place? { field(name)?.place }
}

extension TracepointFormat.Field {
    /// `field:unsigned char common_flags;	offset:2;	size:1;	signed:0;`
    fileprivate init?(line: ArraySlice<UInt8>) {
        var declaration: ArraySlice<UInt8> = []
        var (offset, size, signed): (Int?, Int?, Int?)
        for (index, part) in line.split(separator: UInt8(ascii: ";")).enumerated() {
            let part = part.drop(while: TracepointFormat.isBlank)
            guard let colon = part.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = part[(colon + 1)...]
            if index == 0 {
                declaration = value
            } else if part[..<colon].elementsEqual("offset".utf8) {
                offset = TracepointFormat.number(value)
            } else if part[..<colon].elementsEqual("size".utf8) {
                size = TracepointFormat.number(value)
            } else if part[..<colon].elementsEqual("signed".utf8) {
                signed = TracepointFormat.number(value)
            }
        }
        guard let offset, let size, offset >= 0, size >= 0 else { return nil }

        var isArray = false
        var declared = declaration
        if declared.last == UInt8(ascii: "]"), let bracket = declared.lastIndex(of: UInt8(ascii: "[")) {
            isArray = true
            declared = declared[..<bracket]
        }
        guard
            let last = declared.split(whereSeparator: { TracepointFormat.isBlank($0) || $0 == UInt8(ascii: "*") }).last
        else { return nil }
        name = String(decoding: last, as: UTF8.self)
        let kind: Kind =
            if declaration.starts(with: "__data_loc".utf8) {
                .dataLocation
            } else if declaration.starts(with: "__rel_loc".utf8) {
                .relativeLocation
            } else {
                isArray ? .array : .integer(isSigned: signed == 1)
            }
        place = Place(kind: kind, offset: offset, size: size)
    }
}

extension TracepointFormat.Field.Place {

    /// The value of this integer field in a record whose raw bytes are `raw`, sign-extended if the field is signed.
    public func integer(in record: borrowing RawSpan, raw: Range<Int>) -> Int64? {
        guard case .integer(let isSigned) = kind, let position = place(offset, size, in: raw)?.lowerBound else {
            return nil
        }
        switch size {
        case 1:
            guard let value = record.load(UInt8.self, at: position) else { return nil }
            return isSigned ? Int64(Int8(bitPattern: value)) : Int64(value)
        case 2:
            guard let value = record.load(UInt16.self, at: position) else { return nil }
            return isSigned ? Int64(Int16(bitPattern: value)) : Int64(value)
        case 4:
            guard let value = record.load(UInt32.self, at: position) else { return nil }
            return isSigned ? Int64(Int32(bitPattern: value)) : Int64(value)
        case 8: return record.load(Int64.self, at: position)
        default: return nil
        }
    }

    /// The range of this field's text in the record, without its NUL; `nil` for integers and for locations that point
    /// outside the raw bytes.
    public func text(in record: borrowing RawSpan, raw: Range<Int>) -> Range<Int>? {
        guard let held = bytes(in: record, raw: raw) else { return nil }
        return held.lowerBound..<held.lowerBound &+ record.stringLength(in: held)
    }

    /// The range of all of this field's bytes in the record; `nil` where `text` is `nil`.
    public func bytes(in record: borrowing RawSpan, raw: Range<Int>) -> Range<Int>? {
        switch kind {
        case .integer: return nil
        case .array: return place(offset, size, in: raw)
        case .dataLocation, .relativeLocation:
            guard let field = place(offset, 4, in: raw), let location = record.load(UInt32.self, at: field.lowerBound)
            else { return nil }
            let start = Int(location & 0xffff) &+ (kind == .relativeLocation ? offset &+ 4 : 0)
            return place(start, Int(location >> 16), in: raw)
        }
    }

    /// The range in the record of `length` bytes at `start` of the raw bytes; `nil` if it is not within the raw bytes.
    /// Both numbers come from the recording and may have any value.
    private func place(_ start: Int, _ length: Int, in raw: Range<Int>) -> Range<Int>? {
        guard start >= 0, length >= 0, length <= raw.count, start <= raw.count &- length else { return nil }
        let begin = raw.lowerBound &+ start
        return begin..<begin &+ length
    }
}
