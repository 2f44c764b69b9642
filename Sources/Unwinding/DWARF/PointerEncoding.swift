/// DW_EH_PE_*: the encoding of an address in `.eh_frame` and `.eh_frame_hdr` (Linux Standard Base 5.0, Core, section
/// 10.5.1).
struct PointerEncoding: Hashable {
    let byte: UInt8

    init(_ byte: UInt8) { self.byte = byte }

    /// The plain 64-bit address of `.debug_frame`.
    static let absolute = PointerEncoding(0)

    var isOmitted: Bool { byte == 0xFF }
    /// DW_EH_PE_indirect: the value is stored at the encoded address, outside the section.
    var isIndirect: Bool { byte & 0x80 != 0 }

    /// The size of a value in bytes; `nil` for LEB128 and for unknown encodings.
    var fixedSize: Int? {
        switch byte & 0x0F {
        case 0x00, 0x04, 0x08, 0x0C: 8
        case 0x02, 0x0A: 2
        case 0x03, 0x0B: 4
        default: nil
        }
    }

    /// The addresses that an encoded value may be relative to.
    struct Bases {
        /// The address at which the section is linked.
        var section: UInt64
        var text: UInt64?
        var data: UInt64?
        /// The start of the function; `nil` until it is known.
        var function: UInt64?
    }

    /// Reads the value without adding a base; the size of an address range is stored this way.
    func readValue(_ cursor: inout DWARFCursor) -> UInt64? {
        switch byte & 0x0F {
        case 0x00, 0x04, 0x08, 0x0C: cursor.fixed(UInt64.self)
        case 0x01: cursor.unsigned()
        case 0x02: cursor.fixed(UInt16.self).map(UInt64.init)
        case 0x03: cursor.fixed(UInt32.self).map(UInt64.init)
        case 0x09: cursor.signed().map(UInt64.init(bitPattern:))
        case 0x0A: cursor.fixed(Int16.self).map { UInt64(bitPattern: Int64($0)) }
        case 0x0B: cursor.fixed(Int32.self).map { UInt64(bitPattern: Int64($0)) }
        default: nil
        }
    }

    /// Reads an address. For an indirect encoding, the result is the place where the address is stored.
    func readAddress(_ cursor: inout DWARFCursor, _ bases: Bases) -> UInt64? {
        guard !isOmitted else { return nil }
        if byte & 0x70 == 0x50 {
            let misaligned = (bases.section &+ UInt64(cursor.offset)) & 7
            guard cursor.skip(misaligned == 0 ? 0 : 8 &- misaligned) != nil else { return nil }
        }
        let place = bases.section &+ UInt64(cursor.offset)
        guard let value = readValue(&cursor) else { return nil }
        switch byte & 0x70 {
        case 0x00, 0x50: return value
        case 0x10: return place &+ value
        case 0x20: return bases.text.map { $0 &+ value }
        case 0x30: return bases.data.map { $0 &+ value }
        case 0x40: return bases.function.map { $0 &+ value }
        default: return nil
        }
    }
}
