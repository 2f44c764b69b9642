/// A direct-mapped cache of compiled rules: a lookup is one multiplication and one load, without allocation or
/// reference counting. A colliding entry replaces the older one, whose rule is compiled again when needed.
struct RuleCache {
    private struct Entry: BitwiseCopyable {
        var key: UInt64
        var image: Int32
        var rule: UnwindRule
    }

    private static let bits: UInt64 = 13
    private static let noImage = Int32.min
    private var entries: [Entry]

    init() {
        entries = Array(
            repeating: Entry(key: 0, image: Self.noImage, rule: UnwindRule(.uncovered)), count: 1 << Int(Self.bits))
    }

    /// The key of an offset, either for the call before a return address or for the instruction itself.
    @inline(__always)
    static func key(offset: UInt64, isReturnAddress: Bool) -> UInt64 { offset &<< 1 | (isReturnAddress ? 1 : 0) }

    @inline(__always)
    private static func slot(_ key: UInt64, _ image: Int32) -> Int {
        let mixed = (key ^ UInt64(UInt32(bitPattern: image)) &<< 40) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed &>> (64 &- bits))
    }

    @inline(__always)
    func rule(_ key: UInt64, image: Int32) -> UnwindRule? {
        let entry = entries[Self.slot(key, image)]
        return entry.key == key && entry.image == image ? entry.rule : nil
    }

    mutating func insert(_ rule: UnwindRule, _ key: UInt64, image: Int32) {
        entries[Self.slot(key, image)] = Entry(key: key, image: image, rule: rule)
    }
}
