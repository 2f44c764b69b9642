/// `system:event`.
public struct TracepointName: Hashable, Sendable, CustomStringConvertible {
    public let system: String
    public let event: String

    public init(_ system: String, _ event: String) {
        self.system = system
        self.event = event
    }

    /// `nil` unless both parts are plain names: they become parts of a path.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        for part in parts {
            let isPlain = part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
            guard isPlain, !part.isEmpty else { return nil }
        }
        system = String(parts[0])
        event = String(parts[1])
    }

    public var description: String { "\(system):\(event)" }
}

/// What a recorder needs of a tracepoint's `format` file in tracefs: its id and whether it has a field.
public struct TracepointFormat: Hashable, Sendable {
    /// `perf_event_attr.config`.
    public let id: UInt64
    public let fields: [String]
    /// The file as it is, for the session.
    public let text: [UInt8]

    /// `nil` when there is no `ID:` line.
    public init?(parsing text: [UInt8]) {
        var id: UInt64?
        var fields: [String] = []
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: line, as: UTF8.self)
            if line.hasPrefix("ID: ") {
                id = UInt64(line.dropFirst(4))
            } else if line.hasPrefix("\tfield:"), let declaration = line.split(separator: ";").first {
                // "\tfield:unsigned char common_flags", "\tfield:char comm[16]"
                let name = declaration.split(whereSeparator: { $0 == " " || $0 == ":" }).last ?? ""
                fields.append(String(name.prefix { $0 != "[" }))
            }
        }
        guard let id else { return nil }
        self.id = id
        self.fields = fields
        self.text = text
    }
}
