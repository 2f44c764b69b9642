internal import Profiles
internal import SpawnModel

/// Samples on the edges of a spawn's life: those from before its first exec wait for the program's name, and those from
/// behind its exit still find it.
struct HeldSamples {
    struct Frame: Hashable {
        var name: NameTable.ID
        var layer: FrameLayer
    }

    /// A stack that is to be joined by the program's name.
    struct Stack: Hashable {
        /// What stands outside of the name, already in the tree.
        var outer: CallTree.Node
        /// What stands inside of it, outermost first.
        var inner: [Frame]
    }

    private var waiting: [Int32: [Stack: UInt64]] = [:]
    private var ended: [Int32: (spawn: Spawn, programs: [NameTable.ID])] = [:]
    /// Pids in the order of their ends, a ring once it is full.
    private var order: [Int32] = []
    private var oldest = 0
    /// How many ended spawns are kept: many times what can be in the midst of its exit at once.
    private static let limit = 1024

    /// The weight is saturating.
    mutating func add(_ weight: UInt64, of process: Int32, outer: CallTree.Node, inner: [Frame]) {
        let (sum, overflow) = waiting[process, default: [:]][Stack(outer: outer, inner: inner), default: 0]
            .addingReportingOverflow(weight)
        waiting[process, default: [:]][Stack(outer: outer, inner: inner)] = overflow ? .max : sum
    }

    /// What waited for this spawn's program.
    mutating func end(_ spawn: Spawn, programs: [NameTable.ID]) -> [Stack: UInt64] {
        if ended.updateValue((spawn, programs), forKey: spawn.pid) == nil {
            if order.count < Self.limit {
                order.append(spawn.pid)
            } else {
                ended[order[oldest]] = nil
                order[oldest] = spawn.pid
                oldest = (oldest + 1) % Self.limit
            }
        }
        return waiting.removeValue(forKey: spawn.pid) ?? [:]
    }

    /// The last spawn of this pid that has ended.
    func ended(_ process: Int32) -> (spawn: Spawn, programs: [NameTable.ID])? { ended[process] }

    /// The pid is another process's now, of the workload or not.
    mutating func forget(_ process: Int32) { ended[process] = nil }
}
