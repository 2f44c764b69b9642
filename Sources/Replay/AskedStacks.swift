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
        guard !shape.branchesAreCallStack, !stacks.unwinds(sample), sample.fields.contains(.callchain),
            let key = KnownStacks.key(record, sample.callchain)
        else { return false }
        stacks.begin(process: sample.pid, time: sample.time)
        // How an unwinding ended affects what a stack counts as, not the names of its frames.
        let context = KnownStacks.Context(root: 1, state: stacks.state, epoch: stacks.epoch, unwindEnd: 0)
        let slot =
            known.slot(of: key, context, in: record)
            ?? known.insert(KnownStacks.Place(node: 1, isTruncated: false), for: key, context, in: record)
        // No tree is built: a node for the innermost frame only means that the stack was looked up.
        if known.leaf(at: slot, of: key) != nil { return true }
        known.setLeaf(1, at: slot, of: key)
        return false
    }
}
