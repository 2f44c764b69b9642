/// A PERF_RECORD_SAMPLE. Scalars are values; everything of variable length is a range of byte offsets into the record
/// that the sample was decoded from, so that decoding allocates nothing and holds on to nothing.
///
/// `fields` says which members the event recorded; the others keep their zero.
public struct Sample: Hashable, Sendable {
    public struct Registers: Hashable, Sendable {
        /// `PERF_SAMPLE_REGS_ABI_*`: 0 none (a kernel thread), 1 32 bit, 2 64 bit.
        public var abi: UInt64 = 0
        /// One `u64` a bit of the attributes' mask, lowest bit first.
        public var values: Range<Int> = 0..<0
    }

    public struct BranchStack: Hashable, Sendable {
        /// `hw_idx`, with PERF_SAMPLE_BRANCH_HW_INDEX.
        public var hardwareIndex: UInt64 = 0
        /// Three `u64` an entry: from, to, flags.
        public var entries: Range<Int> = 0..<0
        /// One `u64` an entry, with PERF_SAMPLE_BRANCH_COUNTERS.
        public var counters: Range<Int> = 0..<0
    }

    public struct StackDump: Hashable, Sendable {
        /// All the bytes that the ring had room for; those behind `usedSize` are stale.
        public var bytes: Range<Int> = 0..<0
        /// `dyn_size`, never more than `bytes.count`.
        public var usedSize: Int = 0
    }

    public var fields: SampleType = []
    public var identifier: UInt64 = 0
    public var instructionPointer: UInt64 = 0
    public var pid: Int32 = 0
    public var tid: Int32 = 0
    /// Nanoseconds of the event's clock.
    public var time: UInt64 = 0
    public var address: UInt64 = 0
    public var id: UInt64 = 0
    public var streamID: UInt64 = 0
    public var cpu: UInt32 = 0
    public var period: UInt64 = 0
    public var read = ReadValues()
    /// `u64` addresses, innermost first, with PERF_CONTEXT_* marks between them.
    public var callchain: Range<Int> = 0..<0
    /// A tracepoint's fields.
    public var raw: Range<Int> = 0..<0
    public var branchStack = BranchStack()
    public var registersUser = Registers()
    public var stackUser = StackDump()
    /// PERF_SAMPLE_WEIGHT, or the three members of PERF_SAMPLE_WEIGHT_STRUCT in one word.
    public var weight: UInt64 = 0
    public var dataSource: UInt64 = 0
    public var transaction: UInt64 = 0
    public var registersInterrupt = Registers()
    public var physicalAddress: UInt64 = 0
    public var cgroup: UInt64 = 0
    public var dataPageSize: UInt64 = 0
    public var codePageSize: UInt64 = 0
    public var aux: Range<Int> = 0..<0

    public init() {}
}

/// PERF_CONTEXT_*: marks in a callchain that say whose addresses follow.
public enum CallchainContext {
    /// Addresses from here up are marks, not code.
    public static let first: UInt64 = 0 &- 4095
    public static let hypervisor: UInt64 = 0 &- 32
    public static let kernel: UInt64 = 0 &- 128
    public static let user: UInt64 = 0 &- 512
    public static let userDeferred: UInt64 = 0 &- 640
    public static let guest: UInt64 = 0 &- 2048
    public static let guestKernel: UInt64 = 0 &- 2176
    public static let guestUser: UInt64 = 0 &- 2560
}
