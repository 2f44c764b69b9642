package import PerfRecords

/// Tells the callchains of which every name was asked for already, in the same maps: packing a session asks for names only so that
/// they are known, and a loop's stacks are the same ones over and over.
package struct AskedStacks {
    private var known = KnownStacks()

    package init() {}

    /// Whether these names were asked for before; false, and true the next time, where not. `stacks` then stands at the sample's
    /// process. Of a chain that `KnownStacks` has no key for it is always false.
    package mutating func wereRead(
        _ record: borrowing RawSpan, _ sample: Sample, _ shape: EventShape, by stacks: inout StackReader
    ) -> Bool {
        guard !shape.branchesAreCallStack, !stacks.unwinds(sample), sample.fields.contains(.callchain),
            let key = KnownStacks.key(record, sample.callchain)
        else { return false }
        stacks.begin(process: sample.pid, time: sample.time)
        // How an unwinding ended decides what a stack counts for, not what its frames are called.
        let context = KnownStacks.Context(root: 1, state: stacks.state, epoch: stacks.epoch, unwindEnd: 0)
        let slot =
            known.slot(of: key, context, in: record)
            ?? known.insert(KnownStacks.Place(node: 1, isTruncated: false), for: key, context, in: record)
        // No tree is built: that there is a node for the innermost frame says that it was asked for.
        if known.leaf(at: slot, of: key) != nil { return true }
        known.setLeaf(1, at: slot, of: key)
        return false
    }
}
