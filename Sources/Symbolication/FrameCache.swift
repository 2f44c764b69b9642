/// A lossy cache of frames by image and offset, in bounded space: a newer entry takes the place of an older one.
///
/// The key is an offset, not an address: an image loaded at a random address in every process needs only one entry. It
/// starts small: a short session has few frames, and filling the memory for more takes longer than reading it.
struct FrameCache {
    private struct Entry {
        var offset: UInt64
        var image: UInt32
        var frame: UInt32
    }

    /// Log2 of the number of entries, now and at most. An entry has 16 bytes, and all together should fit into a core's
    /// private cache.
    private var bits: UInt64
    private let mostBits: UInt64
    private static let firstBits: UInt64 = 8
    /// Entries that may be inserted before the cache grows.
    private var room: Int
    private static let noImage = UInt32.max
    /// Stands for the kernel and its modules, whose addresses serve as offsets.
    static let kernel = UInt32.max - 1
    private var isEmpty = true
    private var entries: ContiguousArray<Entry>

    /// - Parameter bits: log2 of the most entries.
    init(bits: UInt64 = 14) {
        self.init(bits: min(bits, Self.firstBits), mostBits: bits)
    }

    private init(bits: UInt64, mostBits: UInt64) {
        self.bits = bits
        self.mostBits = mostBits
        let count = 1 << Int(bits)
        room = bits < mostBits ? count / 2 : .max
        entries = ContiguousArray(repeating: Entry(offset: 0, image: Self.noImage, frame: 0), count: count)
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
        if !isEmpty { self = FrameCache(bits: bits, mostBits: mostBits) }
    }

    @inline(__always)
    mutating func insert(_ frame: UInt32, image: UInt32, offset: UInt64) {
        guard image != Self.noImage else { return }
        isEmpty = false
        if room == 0 { grow() }
        room &-= 1
        entries[slot(image, offset)] = Entry(offset: offset, image: image, frame: frame)
    }

    private mutating func grow() {
        var larger = FrameCache(bits: min(bits + 2, mostBits), mostBits: mostBits)
        for entry in entries { larger.insert(entry.frame, image: entry.image, offset: entry.offset) }
        self = larger
    }
}
