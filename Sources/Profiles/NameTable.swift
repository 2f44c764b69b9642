internal import Presentation

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

    /// The number of `text` as it stands in a folded line (`ForeignText.frame`).
    public mutating func intern(_ text: String) -> ID {
        if let id = ids[text] { return id }
        let clean = ForeignText.frame(text)
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
}
