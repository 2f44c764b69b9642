/// A PERF_RECORD_SAMPLE. Scalars are values; everything of variable length is a range of byte offsets into the record
/// that the sample was decoded from, so that decoding allocates and retains nothing.
///
/// `fields` says which members the event recorded; the others are 0.
public struct Sample: Hashable, Sendable {
    /// Registers of the CPU as they were when the sample was taken.
    public struct Registers: Hashable, Sendable {
        /// `PERF_SAMPLE_REGS_ABI_*`: 0 none (a kernel thread), 1 32 bit, 2 64 bit.
        public var abi: UInt64 = 0
        /// One `u64` per bit of the attributes' mask, lowest bit first.
        public var values: Range<Int> = 0..<0
    }

    /// The branches that the CPU took last (`PERF_SAMPLE_BRANCH_STACK`), the latest first.
    public struct BranchStack: Hashable, Sendable {
        /// `hw_idx`, with PERF_SAMPLE_BRANCH_HW_INDEX.
        public var hardwareIndex: UInt64 = 0
        /// Three `u64` per entry: from, to, flags.
        public var entries: Range<Int> = 0..<0
        /// One `u64` per entry, with PERF_SAMPLE_BRANCH_COUNTERS.
        public var counters: Range<Int> = 0..<0
    }

    /// A copy of the user stack, from the stack pointer up (`PERF_SAMPLE_STACK_USER`).
    public struct StackDump: Hashable, Sendable {
        /// All the bytes that the ring had room for; those after the first `usedSize` are stale.
        public var bytes: Range<Int> = 0..<0
        /// `dyn_size`, never more than `bytes.count`.
        public var usedSize: Int = 0
    }

    /// The fields that the event records; all others are 0 or empty.
    public var fields: SampleType = []
    /// The event's id, by which `RecordLayout.id(of:in:)` finds the event too.
    public var identifier: UInt64 = 0
    /// The address that the CPU was at.
    public var instructionPointer: UInt64 = 0
    /// The process; 0 is the idle task, and −1 a task that is gone.
    public var pid: Int32 = 0
    /// The thread.
    public var tid: Int32 = 0
    /// Nanoseconds of the event's clock.
    public var time: UInt64 = 0
    /// What the event is about, such as the address of a page fault or of a memory access.
    public var address: UInt64 = 0
    /// The event's id; for an inherited event, the id of the one that was opened.
    public var id: UInt64 = 0
    /// The id of the event itself; each inherited event has its own.
    public var streamID: UInt64 = 0
    /// The number of the CPU.
    public var cpu: UInt32 = 0
    /// How many events the sample stands for; nanoseconds, for a clock event.
    public var period: UInt64 = 0
    /// The values of the counter or of its group.
    public var read = ReadValues()
    /// `u64` addresses, innermost first, with PERF_CONTEXT_* marks between them.
    public var callchain: Range<Int> = 0..<0
    /// Bytes of the event's own layout: a tracepoint's fields (`TracepointFormat`), or what a BPF program wrote.
    public var raw: Range<Int> = 0..<0
    /// The branches that the CPU took last.
    public var branchStack = BranchStack()
    /// The registers of user space; for a sample in the kernel, those that user space resumes with.
    public var registersUser = Registers()
    /// A copy of the user stack.
    public var stackUser = StackDump()
    /// PERF_SAMPLE_WEIGHT, or the three members of PERF_SAMPLE_WEIGHT_STRUCT in one word.
    public var weight: UInt64 = 0
    /// Where the data came from: `union perf_mem_data_src` of linux/perf_event.h.
    public var dataSource: UInt64 = 0
    /// Why a hardware transaction was aborted: `PERF_TXN_*` flags.
    public var transaction: UInt64 = 0
    /// The registers of the interrupted code, user space or kernel.
    public var registersInterrupt = Registers()
    /// The physical address of `address`.
    public var physicalAddress: UInt64 = 0
    /// The id of the task's cgroup, as `Record.cgroup(id:path:)` names it.
    public var cgroup: UInt64 = 0
    /// Bytes of the page that `address` lies in.
    public var dataPageSize: UInt64 = 0
    /// Bytes of the page that `instructionPointer` lies in.
    public var codePageSize: UInt64 = 0
    /// A piece of the AUX area, a processor trace.
    public var aux: Range<Int> = 0..<0

    package init() {}
}

/// PERF_CONTEXT_*: marks in a callchain that say which code the following addresses belong to.
public enum CallchainContext {
    /// Addresses from here up are marks, not code.
    public static let first: UInt64 = 0 &- 4095
    /// `PERF_CONTEXT_HV`: code of the hypervisor follows.
    public static let hypervisor: UInt64 = 0 &- 32
    /// `PERF_CONTEXT_KERNEL`: code of the kernel follows.
    public static let kernel: UInt64 = 0 &- 128
    /// `PERF_CONTEXT_USER`: code of user space follows.
    public static let user: UInt64 = 0 &- 512
    /// `PERF_CONTEXT_USER_DEFERRED`: user space follows later, in a record whose cookie is the next word.
    public static let userDeferred: UInt64 = 0 &- 640
    /// `PERF_CONTEXT_GUEST`: code of a virtual machine follows.
    public static let guest: UInt64 = 0 &- 2048
    /// `PERF_CONTEXT_GUEST_KERNEL`: code of a virtual machine's kernel follows.
    public static let guestKernel: UInt64 = 0 &- 2176
    /// `PERF_CONTEXT_GUEST_USER`: code of a virtual machine's user space follows.
    public static let guestUser: UInt64 = 0 &- 2560
}
