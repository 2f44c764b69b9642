package import PerfRecords

/// Remembers the callchains whose names were all looked up before, in the same maps. Packing a session looks names up
/// only to make them known, and a loop's stacks are the same over and over.
package struct AskedStacks {
    private var known = KnownStacks()

    package init() {}

    /// Whether the names of this chain were looked up before. If not, they count as looked up from now on. `stacks` is
    /// then at the sample's process. Always false for a chain for which `KnownStacks` has no key.
    package mutating func wereRead(
        _ record: borrowing RawSpan, _ sample: Sample, _ shape: EventShape, by stacks: inout StackReader
    ) -> Bool {
        guard !shape.branchesAreCallStack, !stacks.unwinds(sample), sample.fields.contains(.callchain) else {
            return false
        }
        return wereRead(record, sample.callchain, process: sample.pid, time: sample.time, by: &stacks)
    }

    /// Whether the names of a callchain of this process were looked up before; if not, they count as looked up from now on.
    /// `chain` is its place in `bytes`, in addresses of eight bytes each, and `time` the sample's.
    package mutating func wereRead(
        _ bytes: borrowing RawSpan, _ chain: Range<Int>, process: Int32, time: UInt64, by stacks: inout StackReader
    ) -> Bool {
        guard let key = KnownStacks.key(bytes, chain) else { return false }
        let context = Self.context(process: process, time: time, &stacks)
        let slot =
            known.slot(of: key, context, in: bytes)
            ?? known.insert(KnownStacks.Place(node: 1, isTruncated: false), for: key, context, in: bytes)
        // No tree is built: a node for the innermost frame only means that the stack was looked up.
        if known.leaf(at: slot, of: key) != nil { return true }
        known.setLeaf(1, at: slot, of: key)
        return false
    }

    /// Whether the names of a callchain were looked up before; if not, they do not count as looked up.
    package func contains(
        _ bytes: borrowing RawSpan, _ chain: Range<Int>, process: Int32, time: UInt64, by stacks: inout StackReader
    ) -> Bool {
        guard let key = KnownStacks.key(bytes, chain) else { return false }
        let context = Self.context(process: process, time: time, &stacks)
        return known.slot(of: key, context, in: bytes).flatMap { known.leaf(at: $0, of: key) } != nil
    }

    private static func context(process: Int32, time: UInt64, _ stacks: inout StackReader) -> KnownStacks.Context {
        stacks.begin(process: process, time: time)
        // How an unwinding ended affects what a stack counts as, not the names of its frames.
        return KnownStacks.Context(root: 1, state: stacks.state, epoch: stacks.epoch, unwindEnd: 0)
    }
}
