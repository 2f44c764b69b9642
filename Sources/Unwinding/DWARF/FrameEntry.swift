/// A Common Information Entry (DWARF 5 section 6.4.1): the data shared by the functions that refer to it.
struct CommonInformation {
    var codeAlignment: UInt64
    var dataAlignment: Int64
    /// The column of the return address.
    var returnColumn: Int
    /// The encoding of the functions' addresses.
    var encoding = PointerEncoding.absolute
    /// Whether each function's entry has augmentation data, preceded by its length.
    var hasAugmentationData = false
    /// Whether a signal built the frame: the caller's address is then the next instruction to execute, not a return
    /// address.
    var isSignalFrame = false
    var segmentSelectorSize: UInt64 = 0
    /// Offsets in the section.
    var instructions: Range<Int>
}

/// A Frame Description Entry: the unwind information of one function.
struct FrameDescription {
    var common: CommonInformation
    /// Linked virtual address, and size in bytes.
    var start: UInt64
    var size: UInt64
    /// Offsets in the section.
    var offset: Int
    var instructions: Range<Int>

    func contains(_ address: UInt64) -> Bool { address >= start && address &- start < size }
}

/// `.eh_frame` or `.debug_frame` as a list of entries. The two differ in how an entry refers to its common information.
struct FrameSection {
    let kind: UnwindError.Section
    let bytes: [UInt8]
    let bases: PointerEncoding.Bases

    enum Content {
        case common
        /// Offset of the common information.
        case description(common: Int)
        case terminator
    }

    struct Entry {
        var content: Content
        /// The bytes after the CIE ID or CIE pointer.
        var body: Range<Int>
        /// Where the next entry begins.
        var end: Int
    }

    /// The entry at an offset; `nil` if none fits in the section there.
    func entry(at offset: Int) -> Entry? {
        var cursor = DWARFCursor(bytes, offset..<max(offset, bytes.count))
        guard offset >= 0, let short = cursor.fixed(UInt32.self) else { return nil }
        var length = UInt64(short)
        let is64Bit = short == .max
        if is64Bit {
            guard let long = cursor.fixed(UInt64.self) else { return nil }
            length = long
        }
        if length == 0 { return Entry(content: .terminator, body: 0..<0, end: cursor.offset) }
        let idOffset = cursor.offset
        guard let whole = cursor.skip(length) else { return nil }
        cursor = DWARFCursor(bytes, whole)
        // In .eh_frame this field has 32 bits even in an entry with a 64-bit length.
        let id: UInt64
        if is64Bit, kind == .debugFrames {
            guard let wide = cursor.fixed(UInt64.self) else { return nil }
            id = wide
        } else {
            guard let narrow = cursor.fixed(UInt32.self) else { return nil }
            id = UInt64(narrow)
        }
        let body = cursor.rest
        switch kind {
        case .exceptionFrames:
            if id == 0 { return Entry(content: .common, body: body, end: whole.upperBound) }
            guard let distance = Int(exactly: id), distance <= idOffset else { return nil }
            return Entry(content: .description(common: idOffset &- distance), body: body, end: whole.upperBound)
        case .debugFrames:
            if id == (is64Bit ? UInt64.max : UInt64(UInt32.max)) {
                return Entry(content: .common, body: body, end: whole.upperBound)
            }
            guard let common = Int(exactly: id), common < bytes.count else { return nil }
            return Entry(content: .description(common: common), body: body, end: whole.upperBound)
        }
    }

    /// The common information at an offset; `nil` if there is none, or its version or augmentation is not supported.
    func common(at offset: Int) -> CommonInformation? {
        guard let entry = entry(at: offset), case .common = entry.content else { return nil }
        var cursor = DWARFCursor(bytes, entry.body)
        guard let version = cursor.fixed(UInt8.self), [1, 3, 4].contains(version),
            let augmentation = cursor.string(longest: 16)
        else { return nil }
        var segmentSelectorSize: UInt64 = 0
        if version == 4 {
            guard cursor.fixed(UInt8.self) == 8, let size = cursor.fixed(UInt8.self), size <= 8 else { return nil }
            segmentSelectorSize = UInt64(size)
        }
        guard let codeAlignment = cursor.unsigned(), let dataAlignment = cursor.signed(),
            let column = version == 1 ? cursor.fixed(UInt8.self).map(UInt64.init) : cursor.unsigned(),
            let returnColumn = Int(exactly: column), returnColumn < RegisterFile.capacity
        else { return nil }
        var common = CommonInformation(
            codeAlignment: codeAlignment, dataAlignment: dataAlignment, returnColumn: returnColumn,
            segmentSelectorSize: segmentSelectorSize, instructions: 0..<0)
        var data = cursor
        if augmentation.first == UInt8(ascii: "z") {
            guard let block = cursor.block() else { return nil }
            data = DWARFCursor(bytes, block)
            common.hasAugmentationData = true
        }
        guard read(augmentation, from: &data, into: &common) else { return nil }
        common.instructions = common.hasAugmentationData ? cursor.rest : data.rest
        return common
    }

    private func read(
        _ augmentation: [UInt8], from data: inout DWARFCursor, into common: inout CommonInformation
    ) -> Bool {
        for letter in augmentation {
            switch letter {
            case UInt8(ascii: "z"): continue
            case UInt8(ascii: "S"): common.isSignalFrame = true
            case UInt8(ascii: "B"), UInt8(ascii: "G"): continue  // arm64: the B key; tagged stack
            case UInt8(ascii: "R"):
                guard let byte = data.fixed(UInt8.self) else { return false }
                common.encoding = PointerEncoding(byte)
            case UInt8(ascii: "L"):
                guard data.fixed(UInt8.self) != nil else { return false }
            case UInt8(ascii: "P"):
                guard let byte = data.fixed(UInt8.self) else { return false }
                let encoding = PointerEncoding(byte)
                guard encoding.isOmitted || encoding.readValue(&data) != nil else { return false }
            default:
                // Unknown augmentation data can be skipped only if its length is given.
                return common.hasAugmentationData
            }
        }
        return true
    }

    /// The function that an entry describes.
    func description(at offset: Int, entry: Entry, common: CommonInformation) -> FrameDescription? {
        var cursor = DWARFCursor(bytes, entry.body)
        guard !common.encoding.isIndirect, cursor.skip(common.segmentSelectorSize) != nil,
            let start = common.encoding.readAddress(&cursor, bases), let size = common.encoding.readValue(&cursor)
        else { return nil }
        if common.hasAugmentationData { guard cursor.block() != nil else { return nil } }
        return FrameDescription(
            common: common, start: start, size: size, offset: offset, instructions: cursor.rest)
    }
}
