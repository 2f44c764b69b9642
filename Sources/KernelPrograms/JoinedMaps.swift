import ByteAccess
import CPerfEvent
import Glibc
import LinuxSystem

/// The maps of the joined recorder's programs; the sizes are those of joined.bpf.c.
struct JoinedMaps: ~Copyable {
    /// By thread of the workload: what it is inside of. In the task itself (BPF_MAP_TYPE_TASK_STORAGE), so that looking a
    /// stranger up costs next to nothing.
    let lineage: OwnedDescriptor
    let ring: OwnedDescriptor
    let scratch: OwnedDescriptor
    let stacks: OwnedDescriptor
    let files: OwnedDescriptor
    let config: OwnedDescriptor
    let counts: OwnedDescriptor
    /// The control group whose threads belong to the workload, if that is what is recorded.
    let groups: OwnedDescriptor

    static let threadSize: UInt32 = 128
    private static let scratchSize: UInt32 = 4432
    private static let scratchCount: UInt32 = 3
    /// `struct born` without its stack. With it an entry for each CPU, in a plain array since values for each CPU are
    /// smaller.
    private static let bornSize: UInt32 = 392
    /// The addresses of a call site, where there is no stack.
    private static let callersSize: UInt32 = 127 * 8
    private static let fileKeySize: UInt32 = 32
    private static let configSize: UInt32 = 832
    private static let countsSize: UInt32 = 160
    /// Files whose names need not be told again.
    private static let fileCount: UInt32 = 4096

    /// BPF_MAP_TYPE_* and flags (linux/bpf.h).
    private enum Kind {
        static let array: UInt32 = 2
        static let perCPUArray: UInt32 = 6
        static let groups: UInt32 = 8
        static let leastRecentlyUsed: UInt32 = 9
        static let ring: UInt32 = 27
        static let taskStorage: UInt32 = 29
        static let noPreallocation: UInt32 = 1
        static let readOnlyForPrograms: UInt32 = 1 << 7
    }

    /// - Parameters:
    ///   - ring: what `ring(size:)` returned.
    ///   - cpus: the highest number of a CPU that can be, plus one.
    ///   - stackSize: the most bytes of stack in a record.
    ///   - group: a descriptor of a control group's directory.
    init(
        ring: consuming OwnedDescriptor, cpus: UInt32, stackSize: UInt32, group: Int32?,
        types: borrowing OwnedDescriptor, configuration: [UInt8]
    ) throws(BPFProgramError) {
        let lineage = try Self.map(
            Kind.taskStorage, key: 4, value: Self.threadSize, count: 0, flags: Kind.noPreallocation,
            types: types.number)
        let scratch = try Self.map(Kind.perCPUArray, key: 4, value: Self.scratchSize, count: Self.scratchCount)
        let stacks = try Self.map(
            Kind.array, key: 4, value: Self.bornSize + max(stackSize, Self.callersSize), count: cpus)
        let files = try Self.map(Kind.leastRecentlyUsed, key: Self.fileKeySize, value: 8, count: Self.fileCount)
        let config = try Self.map(
            Kind.array, key: 4, value: Self.configSize, count: 1, flags: Kind.readOnlyForPrograms)
        let counts = try Self.map(Kind.array, key: 4, value: Self.countsSize, count: 1)
        let groups = try Self.map(Kind.groups, key: 4, value: 4, count: 1)
        var key: UInt32 = 0
        if var group, unsafe cperf_bpf_update(groups.number, &key, &group) < 0 { throw .group }
        _ = try Self.accepted(unsafe cperf_bpf_update(config.number, &key, configuration))
        _ = try Self.accepted(cperf_bpf_freeze(config.number))
        self.lineage = lineage
        self.ring = ring
        self.scratch = scratch
        self.stacks = stacks
        self.files = files
        self.config = config
        self.counts = counts
        self.groups = groups
    }

    /// Makes the ring, which is the caller's to close.
    static func ring(size: Int) throws(BPFProgramError) -> Int32 {
        try map(Kind.ring, key: 0, value: 0, count: UInt32(clamping: size)).release()
    }

    static func accepted(_ call: @autoclosure () -> Int32) throws(BPFProgramError) -> Int32 {
        let number = Privileges.raised(.opening, call)
        guard number >= 0 else { throw .system(code: -number) }
        return number
    }

    private static func map(
        _ kind: UInt32, key: UInt32, value: UInt32, count: UInt32, flags: UInt32 = 0, types: Int32 = 0
    ) throws(BPFProgramError) -> OwnedDescriptor {
        OwnedDescriptor(
            try accepted(
                cperf_bpf_create_map(
                    kind, key, value, count, flags, types, types > 0 ? JoinedTypes.key : 0,
                    types > 0 ? JoinedTypes.thread : 0)))
    }

    /// Follows a process from now on; what it is inside of is not known.
    func follow(pidfd: Int32) throws(BPFProgramError) {
        var key = pidfd
        let nothing = [UInt8](repeating: 0, count: Int(Self.threadSize))
        // The kernel gives up when a program makes the thread's first entry at the same time (EAGAIN), or has it locked.
        for _ in 0..<Self.mostTries {
            do throws(BPFProgramError) {
                _ = try Self.accepted(unsafe cperf_bpf_update(lineage.number, &key, nothing))
                return
            } catch {
                guard case .system(let code) = error, code == EAGAIN || code == EBUSY else { throw error }
                usleep(100)
            }
        }
        _ = try Self.accepted(unsafe cperf_bpf_update(lineage.number, &key, nothing))
    }

    private static let mostTries = 100

    /// When a living process first ran, if no record has told it; `pidfd` is of its first thread.
    func firstRun(pidfd: Int32) -> UInt64? {
        var key = pidfd
        var thread = [UInt8](repeating: 0, count: Int(Self.threadSize))
        guard unsafe cperf_bpf_look_up(lineage.number, &key, &thread) >= 0 else { return nil }
        // struct thread: { u64 entered; s32 child; u32 flags; u64 ran; … }
        return thread.load(UInt64.self, at: 16).flatMap { $0 == 0 ? nil : $0 }
    }

    /// `struct counts`: the lost records by kind, how many files have a number, and whether the programs are enabled.
    static let kinds = Int(countsSize) / 8 - 2
    /// Files that are named once the programs are enabled have numbers above those that were named before.
    private static let firstFile: UInt64 = 1 << 32

    /// By kind of record: how many found no room.
    var lost: [UInt64] {
        var key: UInt32 = 0
        var counts = [UInt64](repeating: 0, count: Self.kinds + 2)
        guard unsafe cperf_bpf_look_up(self.counts.number, &key, &counts) >= 0 else { return [] }
        return Array(counts[..<Self.kinds])
    }

    /// Lets threads that nothing is known of yet belong to the workload, where all of the machine's do.
    func enable() throws(BPFProgramError) {
        var key: UInt32 = 0
        let counts = [UInt64](repeating: 0, count: Self.kinds) + [Self.firstFile, 1]
        _ = try Self.accepted(unsafe cperf_bpf_update(self.counts.number, &key, counts))
    }

    /// The descriptor of the map that the programs call by this name.
    func number(_ name: String) -> Int32? {
        switch name {
        case "lineage": lineage.number
        case "ring": ring.number
        case "scratch": scratch.number
        case "stacks": stacks.number
        case "files": files.number
        case "config": config.number
        case "counts": counts.number
        case "groups": groups.number
        default: nil
        }
    }
}
