internal import Profiles

/// Remembers the names of addresses, lossily and in fixed space: a newer entry takes the place of an older one.
///
/// It stands before the symbolizer so that a frame that was met before costs one load, and no call into a class.
struct AddressNames {
    /// 16 bytes: all of them together stay in a core's own cache.
    struct Entry {
        var address: UInt64
        /// `Symbolizer.state(of:)` of the process, or of the kernel.
        var state: UInt32
        /// The name's number, and in the highest bit whether nobody calls it.
        fileprivate var code: UInt32

        var endsStack: Bool { code >> 31 != 0 }
        var name: NameTable.ID { NameTable.ID(rawValue: code & 0x7FFF_FFFF) }
    }

    private static let bits: UInt64 = 13
    /// No state: these are counted up from 0.
    private static let free = UInt32.max
    private var entries = ContiguousArray(
        repeating: Entry(address: 0, state: free, code: 0), count: 1 << Int(bits))

    @inline(__always)
    private static func slot(_ state: UInt32, _ address: UInt64) -> Int {
        // Fibonacci hashing: the high bits of the product depend on every bit of both.
        let mixed = (address ^ UInt64(state) << 48 ^ UInt64(state) &* 0xC2B2_AE3D) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> (64 - bits))
    }

    @inline(__always)
    func entry(state: UInt32, address: UInt64) -> Entry? {
        let entry = entries[Self.slot(state, address)]
        return entry.address == address && entry.state == state ? entry : nil
    }

    mutating func insert(_ name: NameTable.ID, endsStack: Bool, state: UInt32, address: UInt64) {
        guard state != Self.free, name.rawValue >> 31 == 0 else { return }
        entries[Self.slot(state, address)] = Entry(
            address: address, state: state, code: name.rawValue | (endsStack ? 1 << 31 : 0))
    }
}
