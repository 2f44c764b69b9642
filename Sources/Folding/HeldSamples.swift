internal import Profiles
internal import SpawnModel

/// Samples at the edges of a spawn's life: those before its first exec wait for the program's name, and those after its
/// exit still find it.
struct HeldSamples {
    struct Frame: Hashable {
        var name: NameTable.ID
        var layer: FrameLayer
    }

    /// A stack that lacks only the program's name.
    struct Stack: Hashable {
        /// The part outside of the name, already in the tree.
        var outer: CallTree.Node
        /// The frames inside of the name, outermost first.
        var inner: [Frame]
    }

    private var waiting: [Int32: [Stack: UInt64]] = [:]
    private var ended: [Int32: (spawn: Spawn, programs: [NameTable.ID])] = [:]
    /// Pids in the order of their ends; a ring once it is full.
    private var order: [Int32] = []
    private var oldest = 0
    /// How many ended spawns are kept: many times more than can be exiting at once.
    private static let limit = 1024

    /// Adds to the weight of a waiting stack, saturating.
    mutating func add(_ weight: UInt64, of process: Int32, outer: CallTree.Node, inner: [Frame]) {
        let (sum, overflow) = waiting[process, default: [:]][Stack(outer: outer, inner: inner), default: 0]
            .addingReportingOverflow(weight)
        waiting[process, default: [:]][Stack(outer: outer, inner: inner)] = overflow ? .max : sum
    }

    /// Notes the end of a spawn; returns the stacks that waited for its program.
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

    /// The pid now belongs to another process, of the workload or not.
    mutating func forget(_ process: Int32) { ended[process] = nil }
}
