/// A tracepoint's name, `system:event`.
package struct TracepointName: Hashable, Sendable, CustomStringConvertible {
    package let system: String
    package let event: String

    package init(_ system: String, _ event: String) {
        self.system = system
        self.event = event
    }

    /// `nil` unless both parts are plain names: they become parts of a path.
    package init?(_ text: String) {
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

    package var description: String { "\(system):\(event)" }
}
