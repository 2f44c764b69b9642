import ByteAccess

/// What a recorder asks its helper for, in one packet of a SOCK_SEQPACKET socket:
/// `{ u64 version; u32 kind; u32 zero; u64 values[3]; }`, with a descriptor where the kind needs one.
package struct HelperRequest: Hashable {
    package enum Kind: UInt32 {
        /// Loads and attaches the programs: the bytes of the ring, the most bytes of a stack, and the bytes in the ring
        /// from which on a record wakes its reader. The answer has the ring's descriptor.
        case open = 1
        /// Follows the thread whose pidfd comes with it.
        case follow
        case enable
        /// What was lost, by kind, and missed.
        case losses
        /// When the process whose pidfd comes with it first ran.
        case firstRun
    }

    package static let size = 40
    package static let valueCount = 3

    package var kind: Kind
    package var values: [UInt64]

    package init(_ kind: Kind, _ values: [UInt64] = []) {
        self.kind = kind
        self.values = values + [UInt64](repeating: 0, count: max(0, Self.valueCount - values.count))
    }

    /// `nil` if the bytes are no request of this version.
    package init?(_ bytes: borrowing RawSpan, version: UInt64) {
        guard bytes.byteCount == Self.size, bytes.load(UInt64.self, at: 0) == version,
            let kind = bytes.load(UInt32.self, at: 8).flatMap(Kind.init(rawValue:)),
            bytes.load(UInt32.self, at: 12) == 0
        else { return nil }
        self.kind = kind
        values = (0..<Self.valueCount).map { bytes.load(UInt64.self, at: 16 + $0 * 8) ?? 0 }
    }

    package func encoded(version: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(version)
        bytes.store(kind.rawValue)
        bytes.store(UInt32(0))
        for value in values.prefix(Self.valueCount) { bytes.store(value) }
        return bytes
    }
}

/// What the helper answers: `{ u64 version; s32 code; u32 length; u64 values[20]; u8 text[328]; }`.
package struct HelperReply: Hashable {
    package static let size = 504
    package static let valueCount = 20
    private static let textSize = 328

    /// 0, or an errno.
    package var code: Int32 = 0
    package var values: [UInt64] = []
    /// Why it refuses.
    package var text = ""

    package init(code: Int32 = 0, values: [UInt64] = [], text: String = "") {
        self.code = code
        self.values = values
        self.text = text
    }

    /// `nil` if the bytes are no answer of this version.
    package init?(_ bytes: borrowing RawSpan, version: UInt64) {
        guard bytes.byteCount == Self.size, bytes.load(UInt64.self, at: 0) == version,
            let code = bytes.load(Int32.self, at: 8), let length = bytes.load(UInt32.self, at: 12),
            length <= Self.textSize
        else { return nil }
        self.code = code
        values = (0..<Self.valueCount).map { bytes.load(UInt64.self, at: 16 + $0 * 8) ?? 0 }
        let start = Self.size - Self.textSize
        text = bytes.string(in: start..<start + Int(length))
    }

    package func encoded(version: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        let said = text.utf8.prefix(Self.textSize)
        bytes.store(version)
        bytes.store(code)
        bytes.store(UInt32(clamping: said.count))
        for index in 0..<Self.valueCount { bytes.store(values.indices.contains(index) ? values[index] : 0) }
        return bytes + said + [UInt8](repeating: 0, count: Self.textSize - said.count)
    }
}
