import ByteAccess
import PerfRecords

/// Lays out `.eh_frame` or `.debug_frame` by hand.
struct FrameBuilder {
    enum Section { case ehFrame, debugFrame }

    var section = Section.ehFrame
    /// Linked address of the section.
    var address: UInt64 = 0x8000
    var bytes: [UInt8] = []
    /// DW_EH_PE_* of the functions' addresses, of `.eh_frame`.
    var encoding: UInt8 = 0x1B
    var is64Bit = false
    var version: UInt8 = 1
    /// Entries of the search table: the function's and the entry's address.
    var functions: [(function: UInt64, entry: UInt64)] = []

    static func leb(_ value: Int64) -> [UInt8] {
        var value = value
        var bytes: [UInt8] = []
        while true {
            let byte = UInt8(truncatingIfNeeded: value & 0x7F)
            value >>= 7
            if (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0) { return bytes + [byte] }
            bytes.append(byte | 0x80)
        }
    }

    static func uleb(_ value: UInt64) -> [UInt8] {
        var value = value
        var bytes: [UInt8] = []
        repeat {
            bytes.append(UInt8(value & 0x7F) | (value > 0x7F ? 0x80 : 0))
            value >>= 7
        } while value != 0
        return bytes
    }

    /// Appends an entry and gives its offset; `id` makes the identifying word from that word's offset.
    private mutating func entry(id: (Int) -> UInt64, _ body: [UInt8]) -> Int {
        let start = bytes.count
        let wideID = is64Bit && section == .debugFrame
        if is64Bit {
            bytes.store(UInt32.max)
            bytes.store(UInt64(body.count + (wideID ? 8 : 4)))
        } else {
            bytes.store(UInt32(body.count + 4))
        }
        let word = id(bytes.count)
        if wideID { bytes.store(word) } else { bytes.store(UInt32(truncatingIfNeeded: word)) }
        bytes += body
        return start
    }

    /// A CIE; gives its offset.
    mutating func common(
        augmentation: String = "zR", codeAlignment: UInt64 = 1, dataAlignment: Int64 = -8, returnColumn: UInt64 = 16,
        data: [UInt8]? = nil, _ instructions: [UInt8]
    ) -> Int {
        let augmentation = section == .ehFrame ? augmentation : augmentation == "zR" ? "" : augmentation
        var body: [UInt8] = [version] + Array(augmentation.utf8) + [0]
        if version == 4 { body += [8, 0] }
        body += Self.uleb(codeAlignment) + Self.leb(dataAlignment)
        body += version == 1 ? [UInt8(returnColumn)] : Self.uleb(returnColumn)
        if augmentation.hasPrefix("z") {
            let content = data ?? [encoding]
            body += Self.uleb(UInt64(content.count)) + content
        }
        let isEH = section == .ehFrame
        return entry(id: { _ in isEH ? 0 : .max }, body + instructions)
    }

    /// An FDE.
    mutating func function(
        _ common: Int, start: UInt64, size: UInt64, hasAugmentationData: Bool? = nil, _ instructions: [UInt8]
    ) {
        var body: [UInt8] = []
        switch section {
        case .debugFrame:
            body.store(start)
            body.store(size)
        case .ehFrame:
            let place = address + UInt64(bytes.count) + (is64Bit ? 16 : 8)
            let value = encoding & 0x70 == 0x10 ? start &- place : start
            switch encoding & 7 {
            case 2:
                body.store(UInt16(truncatingIfNeeded: value))
                body.store(UInt16(size))
            case 3:
                body.store(UInt32(truncatingIfNeeded: value))
                body.store(UInt32(size))
            default:
                body.store(value)
                body.store(size)
            }
        }
        if hasAugmentationData ?? (section == .ehFrame) { body.append(0) }
        functions.append((start, address + UInt64(bytes.count)))
        let isEH = section == .ehFrame
        _ = entry(id: { isEH ? UInt64($0 - common) : UInt64(common) }, body + instructions)
    }

    /// `.eh_frame_hdr` with a table of DW_EH_PE_datarel | DW_EH_PE_sdata4, linked at `address`.
    func header(at address: UInt64) -> [UInt8] {
        var header: [UInt8] = [1, 0x1B, 0x03, 0x3B]
        header.store(UInt32(truncatingIfNeeded: self.address &- (address + 4)))
        header.store(UInt32(functions.count))
        for (function, entry) in functions.sorted(by: { $0.function < $1.function }) {
            header.store(UInt32(truncatingIfNeeded: function &- address))
            header.store(UInt32(truncatingIfNeeded: entry &- address))
        }
        return header
    }
}
