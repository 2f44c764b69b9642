internal import ByteAccess
internal import PerfRecords
package import Profiles

/// The places of recent stacks in a call tree, by their raw addresses: a stack that comes again is neither symbolized
/// nor walked down the tree.
///
/// The innermost frame is left out, since it differs from sample to sample while its callers stay:
///
///     PERF_CONTEXT_KERNEL, [innermost], k…, PERF_CONTEXT_USER, u…
///     └────────┬────────┘               └───────────┬───────────┘
///              └────────── the key's words ─────────┘          → the node of `k…` below `u…` below the root
///
/// Bounded space: a newer stack replaces an older one, and the words are in a ring. Words are compared, not only hashed.
/// It starts small, since a short session has few stacks, and forgets them all each time that it grows.
package struct KnownStacks {
    /// What a stack's node depends on besides its addresses.
    package struct Context: Equatable {
        /// The node below which the stack is.
        package var root: CallTree.Node
        /// What the process has mapped (`state`); while `epoch` is unchanged, the same addresses have the same frames.
        package var state: UInt32
        package var epoch: UInt64
        /// How the unwinding ended; only in a packed session.
        package var unwindEnd: UInt16

        package init(root: CallTree.Node, state: UInt32, epoch: UInt64, unwindEnd: UInt16) {
            (self.root, self.state, self.epoch, self.unwindEnd) = (root, state, epoch, unwindEnd)
        }
    }

    /// A callchain for which a node can be kept.
    package struct Key {
        /// Byte offsets in the record, behind the first mark and the innermost frame.
        fileprivate var words: Range<Int>
        fileprivate var hash: UInt64
        package let isKernel: Bool
        package let innermost: UInt64
    }

    package struct Place {
        /// The node of all frames but the innermost.
        package var node: CallTree.Node
        package var isTruncated: Bool

        package init(node: CallTree.Node, isTruncated: Bool) {
            (self.node, self.isTruncated) = (node, isTruncated)
        }
    }

    private struct Entry {
        var hash: UInt64 = 0
        /// The position of its words since the start of the run, which shows whether the ring still has them.
        var position: UInt64 = 0
        var count: Int32 = 0
        var context = Context(root: 0, state: 0, epoch: 0, unwindEnd: 0)
        var place = Place(node: 0, isTruncated: false)
        var isKernel = false
        /// The latest innermost frame and its node; the tree's root if there was none.
        var innermost: UInt64 = 0
        var leaf = CallTree.root
    }

    /// Log2 of the number of entries: at first, and at most. The ring has eight words for each.
    private static let (firstBits, mostBits): (UInt64, UInt64) = (7, 13)
    /// Less than the depth at which perf cuts a stack (`StackReader.perfDepth`): a chain with a key is never cut.
    private static let mostWords = 120

    private let bits: UInt64
    private var entries: ContiguousArray<Entry>
    private var ring: ContiguousArray<UInt64>
    private var end: UInt64 = 1
    /// Stacks that may be inserted before it grows.
    private var room: Int

    package init() { self.init(bits: Self.firstBits) }

    private init(bits: UInt64) {
        self.bits = bits
        let count = 1 << Int(bits)
        entries = ContiguousArray(repeating: Entry(), count: count)
        ring = ContiguousArray(repeating: 0, count: count * 8)
        room = bits < Self.mostBits ? count / 2 : .max
    }

    /// `nil` for a chain that does not begin with a kernel or user mark, has any mark besides these two in this order,
    /// or is too short or too long.
    package static func key(_ record: borrowing RawSpan, _ chain: Range<Int>) -> Key? {
        let count = chain.count / 8
        guard count > 2, count <= mostWords, let mark = record.load(UInt64.self, at: chain.lowerBound),
            let innermost = record.load(UInt64.self, at: chain.lowerBound &+ 8), innermost < CallchainContext.first,
            mark == CallchainContext.kernel || mark == CallchainContext.user
        else { return nil }
        let isKernel = mark == CallchainContext.kernel
        var mayHaveMark = isKernel
        var hash = mark
        var offset = chain.lowerBound &+ 16
        while offset < chain.upperBound {
            guard let word = record.load(UInt64.self, at: offset) else { return nil }
            if word >= CallchainContext.first {
                guard mayHaveMark, word == CallchainContext.user else { return nil }
                mayHaveMark = false
            }
            hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
            offset &+= 8
        }
        return Key(
            words: chain.lowerBound &+ 16..<chain.upperBound, hash: hash, isKernel: isKernel, innermost: innermost)
    }

    @inline(__always)
    private func slot(_ hash: UInt64, _ context: Context) -> Int {
        let own = UInt64(context.state) << 32 | UInt64(UInt32(bitPattern: context.root))
        return Int(truncatingIfNeeded: ((hash ^ own) &* 0x9E37_79B9_7F4A_7C15) >> (64 - bits))
    }

    /// The slot that holds a stack; `nil` if the stack is not known.
    package func slot(of key: Key, _ context: Context, in record: borrowing RawSpan) -> Int? {
        let slot = self.slot(key.hash, context)
        // Field by field in place: an entry is much larger than the fields that are compared.
        guard entries[slot].hash == key.hash, entries[slot].context == context,
            entries[slot].isKernel == key.isKernel,
            entries[slot].count == Int32(truncatingIfNeeded: key.words.count / 8),
            end &- entries[slot].position <= UInt64(ring.count)
        else { return nil }
        var index = Int(truncatingIfNeeded: entries[slot].position) & (ring.count &- 1)
        for offset in stride(from: key.words.lowerBound, to: key.words.upperBound, by: 8) {
            guard record.load(UInt64.self, at: offset) == ring[index] else { return nil }
            index = (index &+ 1) & (ring.count &- 1)
        }
        return slot
    }

    package subscript(slot: Int) -> Place { entries[slot].place }

    /// The node of a whole stack, if its innermost frame is the latest one. `nil` also for a truncated stack, which the
    /// caller has to count as one.
    package func leaf(at slot: Int, of key: Key) -> CallTree.Node? {
        let leaf = entries[slot].leaf
        return leaf != CallTree.root && entries[slot].innermost == key.innermost && !entries[slot].place.isTruncated
            ? leaf : nil
    }

    package mutating func setLeaf(_ leaf: CallTree.Node, at slot: Int, of key: Key) {
        entries[slot].innermost = key.innermost
        entries[slot].leaf = leaf
    }

    /// Returns the slot of the new entry.
    @discardableResult
    package mutating func insert(_ place: Place, for key: Key, _ context: Context, in record: borrowing RawSpan) -> Int
    {
        // With chains of usual depth, the ring is full by then, too.
        if room == 0 { self = KnownStacks(bits: min(bits + 2, Self.mostBits)) }
        room &-= 1
        let slot = self.slot(key.hash, context)
        entries[slot] = Entry(
            hash: key.hash, position: end, count: Int32(truncatingIfNeeded: key.words.count / 8), context: context,
            place: place, isKernel: key.isKernel)
        for offset in stride(from: key.words.lowerBound, to: key.words.upperBound, by: 8) {
            ring[Int(truncatingIfNeeded: end) & (ring.count &- 1)] = record.load(UInt64.self, at: offset) ?? 0
            end &+= 1
        }
        return slot
    }
}
