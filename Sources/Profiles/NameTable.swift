internal import Presentation

/// The distinct texts of frames, each stored once and identified by a dense number.
package struct NameTable: Sendable {
    package struct ID: Hashable, Sendable {
        package let rawValue: UInt32
        @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }
    }

    private var ids: [String: ID] = [:]
    package private(set) var texts: [String] = []

    package init() {}

    package var count: Int { texts.count }

    /// The number of `text` in the form that it has in a folded line (`ForeignText.frame`), which is safe to print.
    package mutating func intern(_ text: String) -> ID {
        if let id = ids[text] { return id }
        let clean = ForeignText.frame(text)
        let id = ids[clean] ?? append(clean)
        ids[text] = id
        return id
    }

    package subscript(id: ID) -> String { texts[Int(id.rawValue)] }

    private mutating func append(_ text: String) -> ID {
        let id = ID(rawValue: UInt32(clamping: texts.count))
        texts.append(text)
        ids[text] = id
        return id
    }
}
