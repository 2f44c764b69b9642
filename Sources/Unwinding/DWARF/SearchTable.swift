/// The binary search table of `.eh_frame_hdr` (Linux Standard Base 5.0, Core, section 10.6.2).
struct SearchTable {
    private let bytes: [UInt8]
    private let address: UInt64
    private let encoding: PointerEncoding
    private let start: Int
    private let valueSize: Int
    let count: Int
    /// The address of `.eh_frame` stated in the header.
    let frames: UInt64?

    /// `nil` if there is no table, or if it cannot be searched: unsorted, of an unknown encoding, or cut off.
    init?(_ section: UnwindSections.Section) {
        var cursor = DWARFCursor(section.bytes, 0..<section.bytes.count)
        let bases = PointerEncoding.Bases(section: section.address, data: section.address)
        guard cursor.fixed(UInt8.self) == 1, let framesEncoding = cursor.fixed(UInt8.self),
            let countEncoding = cursor.fixed(UInt8.self), let tableEncoding = cursor.fixed(UInt8.self)
        else { return nil }
        frames = PointerEncoding(framesEncoding).readAddress(&cursor, bases)
        encoding = PointerEncoding(tableEncoding)
        guard let count = PointerEncoding(countEncoding).readAddress(&cursor, bases),
            let valueSize = encoding.fixedSize, !encoding.isIndirect, count > 0,
            count <= UInt64((cursor.end &- cursor.offset) / (2 &* valueSize))
        else { return nil }
        bytes = section.bytes
        address = section.address
        start = cursor.offset
        self.valueSize = valueSize
        self.count = Int(count)
        var last: UInt64 = 0
        for index in 0..<self.count {
            guard let (function, _) = self[index], function >= last else { return nil }
            last = function
        }
    }

    /// The address of a function and that of its entry in `.eh_frame`.
    subscript(index: Int) -> (function: UInt64, entry: UInt64)? {
        let offset = start &+ index &* 2 &* valueSize
        var cursor = DWARFCursor(bytes, offset..<offset &+ 2 &* valueSize)
        let bases = PointerEncoding.Bases(section: address, data: address)
        guard let function = encoding.readAddress(&cursor, bases), let entry = encoding.readAddress(&cursor, bases)
        else { return nil }
        return (function, entry)
    }

    /// The index of the last function that begins at or below an address.
    func index(atOrBelow pc: UInt64) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = low &+ (high &- low) / 2
            if let (function, _) = self[middle], function <= pc { low = middle &+ 1 } else { high = middle }
        }
        return low > 0 ? low &- 1 : nil
    }
}
