/// The distinct texts of frames, each stored once and known by a dense number.
public struct NameTable: Sendable {
    public struct ID: Hashable, Sendable {
        public let rawValue: UInt32
        @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    }

    private var ids: [String: ID] = [:]
    private(set) var texts: [String] = []

    public init() {}

    public var count: Int { texts.count }

    /// The number of `text`. A `;` or a control character would break the folded line that the text stands in: the one
    /// becomes `:`, the others `?`.
    public mutating func intern(_ text: String) -> ID {
        if let id = ids[text] { return id }
        let clean = Self.clean(text)
        let id = ids[clean] ?? append(clean)
        ids[text] = id
        return id
    }

    public subscript(id: ID) -> String { texts[Int(id.rawValue)] }

    private mutating func append(_ text: String) -> ID {
        let id = ID(rawValue: UInt32(clamping: texts.count))
        texts.append(text)
        ids[text] = id
        return id
    }

    private static func clean(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x3b || $0 < 0x20 || $0 == 0x7f }) else { return text }
        let bytes = text.utf8.map { byte -> UInt8 in
            if byte == 0x3b { return 0x3a }
            return byte < 0x20 || byte == 0x7f ? 0x3f : byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
