internal import ByteAccess
internal import PerfRecords
package import Profiles

/// Where the stacks that were met last lie in a call tree, by their raw addresses: a stack that comes again is neither looked
/// up nor walked down the tree.
///
/// The innermost frame is left out, since it differs from sample to sample while its callers stay:
///
///     PERF_CONTEXT_KERNEL, [innermost], k…, PERF_CONTEXT_USER, u…
///     └────────┬────────┘               └───────────┬───────────┘
///              └────────── the key's words ─────────┘          → the node of `k…` below `u…` below the root
///
/// Fixed space: a newer stack takes an older one's place, and the words go round in a ring. They are compared, not only hashed.
package struct KnownStacks {
    /// What a stack's node depends on besides its addresses.
    package struct Context: Equatable {
        /// The node that the stack hangs below.
        package var root: CallTree.Node
        /// What the process has mapped, and whether what that means is still the same.
        package var state: UInt32
        package var epoch: UInt64
        /// How the unwinding ended, in a packed session.
        package var unwindEnd: UInt16

        package init(root: CallTree.Node, state: UInt32, epoch: UInt64, unwindEnd: UInt16) {
            (self.root, self.state, self.epoch, self.unwindEnd) = (root, state, epoch, unwindEnd)
        }
    }

    /// A callchain that a node can be kept for.
    package struct Key {
        /// Byte offsets in the record, the innermost frame left out; the mark before it is a word more.
        fileprivate var words: Range<Int>
        fileprivate var hash: UInt64
        package let isKernel: Bool
        package let innermost: UInt64
    }

    package struct Place {
        /// Of all frames but the innermost.
        package var node: CallTree.Node
        package var isTruncated: Bool

        package init(node: CallTree.Node, isTruncated: Bool) {
            (self.node, self.isTruncated) = (node, isTruncated)
        }
    }

    private struct Entry {
        var hash: UInt64 = 0
        /// Counted from the start of the run, so that it tells whether the ring still has the words.
        var position: UInt64 = 0
        var count: Int32 = 0
        var context = Context(root: 0, state: 0, epoch: 0, unwindEnd: 0)
        var place = Place(node: 0, isTruncated: false)
        var isKernel = false
        /// The innermost frame that came last, and its node; the tree's root where none has come.
        var innermost: UInt64 = 0
        var leaf = CallTree.root
    }

    private static let bits: UInt64 = 13
    private static let ringSize = 1 << 16
    /// perf cuts deeper stacks (`StackReader.perfDepth`), from the end that is looked at last here.
    private static let mostWords = 120

    private var entries = ContiguousArray(repeating: Entry(), count: 1 << Int(bits))
    private var ring = ContiguousArray<UInt64>(repeating: 0, count: ringSize)
    private var end: UInt64 = 1

    package init() {}

    /// `nil` for a chain that does not begin with a mark, has others than one of the kernel and one of the user behind it, or is too
    /// short or too long.
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

    private static func slot(_ hash: UInt64, _ context: Context) -> Int {
        let own = UInt64(context.state) << 32 | UInt64(UInt32(bitPattern: context.root))
        return Int(truncatingIfNeeded: ((hash ^ own) &* 0x9E37_79B9_7F4A_7C15) >> (64 - bits))
    }

    /// The slot that holds a stack, for `place(at:)`; `nil` where it is not known.
    package func slot(of key: Key, _ context: Context, in record: borrowing RawSpan) -> Int? {
        let slot = Self.slot(key.hash, context)
        // Word by word in place: an entry is larger than what of it is looked at.
        guard entries[slot].hash == key.hash, entries[slot].context == context,
            entries[slot].isKernel == key.isKernel,
            entries[slot].count == Int32(truncatingIfNeeded: key.words.count / 8),
            end &- entries[slot].position <= UInt64(Self.ringSize)
        else { return nil }
        var index = Int(truncatingIfNeeded: entries[slot].position) & (Self.ringSize - 1)
        for offset in stride(from: key.words.lowerBound, to: key.words.upperBound, by: 8) {
            guard record.load(UInt64.self, at: offset) == ring[index] else { return nil }
            index = (index &+ 1) & (Self.ringSize - 1)
        }
        return slot
    }

    package subscript(slot: Int) -> Place { entries[slot].place }

    /// The node of a whole stack, where its innermost frame is the one that came last; `nil` too where it is to be told that the
    /// stack is truncated.
    package func leaf(at slot: Int, of key: Key) -> CallTree.Node? {
        let leaf = entries[slot].leaf
        return leaf != CallTree.root && entries[slot].innermost == key.innermost && !entries[slot].place.isTruncated
            ? leaf : nil
    }

    package mutating func setLeaf(_ leaf: CallTree.Node, at slot: Int, of key: Key) {
        entries[slot].innermost = key.innermost
        entries[slot].leaf = leaf
    }

    /// The slot that it was put into.
    @discardableResult
    package mutating func insert(_ place: Place, for key: Key, _ context: Context, in record: borrowing RawSpan) -> Int
    {
        let slot = Self.slot(key.hash, context)
        entries[slot] = Entry(
            hash: key.hash, position: end, count: Int32(truncatingIfNeeded: key.words.count / 8), context: context,
            place: place, isKernel: key.isKernel)
        for offset in stride(from: key.words.lowerBound, to: key.words.upperBound, by: 8) {
            ring[Int(truncatingIfNeeded: end) & (Self.ringSize - 1)] = record.load(UInt64.self, at: offset) ?? 0
            end &+= 1
        }
        return slot
    }
}
