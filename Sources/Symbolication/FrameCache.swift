/// Remembers the frames of images' offsets, lossily and in fixed space: a newer entry takes the place of an older one.
///
/// By offset, not by address: what is loaded at a random address in every process is found there only once.
struct FrameCache {
    private struct Entry {
        var offset: UInt64
        var image: UInt32
        var frame: UInt32
    }

    /// As a power of two. Entries have 16 bytes, and all together are to stay in a core's own cache.
    private let bits: UInt64
    private static let noImage = UInt32.max
    /// The kernel and its modules, of which the addresses are taken.
    static let kernel = UInt32.max - 1
    private var isEmpty = true
    private var entries: ContiguousArray<Entry>

    init(bits: UInt64 = 14) {
        self.bits = bits
        entries = ContiguousArray(repeating: Entry(offset: 0, image: Self.noImage, frame: 0), count: 1 << Int(bits))
    }

    @inline(__always)
    private func slot(_ image: UInt32, _ offset: UInt64) -> Int {
        // Fibonacci hashing: the high bits of the product depend on every bit of both.
        let mixed = (offset ^ UInt64(image) << 48 ^ UInt64(image) &* 0xC2B2_AE3D) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> (64 &- bits))
    }

    @inline(__always)
    func frame(image: UInt32, offset: UInt64) -> UInt32? {
        let entry = entries[slot(image, offset)]
        return entry.offset == offset && entry.image == image ? entry.frame : nil
    }

    mutating func clear() {
        if !isEmpty { self = FrameCache(bits: bits) }
    }

    @inline(__always)
    mutating func insert(_ frame: UInt32, image: UInt32, offset: UInt64) {
        guard image != Self.noImage else { return }
        isEmpty = false
        entries[slot(image, offset)] = Entry(offset: offset, image: image, frame: frame)
    }
}
