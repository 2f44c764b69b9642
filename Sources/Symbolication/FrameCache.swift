/// Remembers the frames of addresses, lossily and in fixed space: a newer entry takes the place of an older one.
struct FrameCache {
    private struct Entry {
        var address: UInt64
        var space: UInt32
        var frame: UInt32
    }

    /// 65,536 entries of 16 bytes.
    private static let bits = 16
    private static let noSpace = UInt32.max
    private var entries = ContiguousArray(
        repeating: Entry(address: 0, space: noSpace, frame: 0), count: 1 << bits)

    @inline(__always)
    private static func slot(_ space: UInt32, _ address: UInt64) -> Int {
        // Fibonacci hashing: the high bits of the product depend on every bit of both.
        let mixed = (address ^ UInt64(space) << 48 ^ UInt64(space) &* 0xC2B2_AE3D) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> (64 - UInt64(bits)))
    }

    @inline(__always)
    func frame(space: UInt32, address: UInt64) -> UInt32? {
        let entry = entries[Self.slot(space, address)]
        return entry.address == address && entry.space == space ? entry.frame : nil
    }

    @inline(__always)
    mutating func insert(_ frame: UInt32, space: UInt32, address: UInt64) {
        entries[Self.slot(space, address)] = Entry(address: address, space: space, frame: frame)
    }
}
