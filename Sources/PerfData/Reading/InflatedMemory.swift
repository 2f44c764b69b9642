internal import Glibc
internal import Synchronization

/// Inflated data in memory. All that are kept at once share `most` bytes, so that a worker stays within its limits
/// however many recordings it has open.
@safe
struct InflatedMemory: ~Copyable {
    static let most = 64 << 20
    private static let inUse = Mutex(0)
    private static let smallest = 1 << 18

    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private(set) var count = 0

    deinit {
        unsafe free(base)
        Self.giveBack(capacity)
    }

    /// Adds a copy of `bytes`. False if they exceed what is left of `most`, or if there is no memory for them.
    mutating func append(_ bytes: borrowing RawSpan) -> Bool {
        let needed = count + bytes.byteCount
        guard needed <= capacity || grow(to: needed) else { return false }
        unsafe bytes.withUnsafeBytes { source in
            guard let base = unsafe base, let start = source.baseAddress else { return }
            unsafe (base + count).copyMemory(from: start, byteCount: source.count)
        }
        count = needed
        return true
    }

    /// Gives back what was reserved and not filled.
    mutating func trim() {
        guard count > 0, count < capacity, let smaller = unsafe realloc(base, count) else { return }
        unsafe base = smaller
        Self.giveBack(capacity - count)
        capacity = count
    }

    func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
        let buffer = unsafe UnsafeRawBufferPointer(start: base, count: count)
        return unsafe body(buffer.bytes)
    }

    /// The bytes, which do not move any more once all were appended.
    @unsafe
    var start: UnsafeRawPointer? { unsafe UnsafeRawPointer(base) }

    private mutating func grow(to needed: Int) -> Bool {
        // realloc(3) moves the pages of large blocks and copies nothing.
        let more = Self.take(atLeast: needed - capacity, wanted: max(needed, 2 * capacity, Self.smallest) - capacity)
        guard more > 0 else { return false }
        guard let larger = unsafe realloc(base, capacity + more) else {
            Self.giveBack(more)
            return false
        }
        unsafe base = larger
        capacity += more
        return true
    }

    /// Takes up to `wanted` of the bytes that are left; 0 if those are fewer than `least`.
    private static func take(atLeast least: Int, wanted: Int) -> Int {
        inUse.withLock { used in
            let taken = min(wanted, most - used)
            guard taken >= least else { return 0 }
            used += taken
            return taken
        }
    }

    private static func giveBack(_ bytes: Int) {
        inUse.withLock { $0 -= bytes }
    }
}
