/// `perf_event_attr.sample_type`: which fields a sample holds (`PERF_SAMPLE_*` of linux/perf_event.h).
public struct SampleType: OptionSet, Hashable, Sendable {
    /// The word of `perf_event_attr`.
    public let rawValue: UInt64
    /// Bits of that word, known or not.
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// `PERF_SAMPLE_IP`: where the CPU was.
    public static let instructionPointer = SampleType(rawValue: 1 << 0)
    /// `PERF_SAMPLE_TID`: process and thread.
    public static let threadID = SampleType(rawValue: 1 << 1)
    /// `PERF_SAMPLE_TIME`, in nanoseconds of the event's clock.
    public static let time = SampleType(rawValue: 1 << 2)
    /// `PERF_SAMPLE_ADDR`: the address that the event is about, of a page fault or a memory access for instance.
    public static let address = SampleType(rawValue: 1 << 3)
    /// `PERF_SAMPLE_READ`: the counter's values, or its group's, as `ReadFormat` has them.
    public static let read = SampleType(rawValue: 1 << 4)
    /// `PERF_SAMPLE_CALLCHAIN`: return addresses, as the kernel walked the stack.
    public static let callchain = SampleType(rawValue: 1 << 5)
    /// `PERF_SAMPLE_ID`: the event's id; for an inherited event, the id of the one that was opened.
    public static let id = SampleType(rawValue: 1 << 6)
    /// `PERF_SAMPLE_CPU`: the CPU's number.
    public static let cpu = SampleType(rawValue: 1 << 7)
    /// `PERF_SAMPLE_PERIOD`: how many events the sample stands for.
    public static let period = SampleType(rawValue: 1 << 8)
    /// `PERF_SAMPLE_STREAM_ID`: the id of the event itself; each inherited event has its own.
    public static let streamID = SampleType(rawValue: 1 << 9)
    /// `PERF_SAMPLE_RAW`: bytes whose layout the event defines, a tracepoint's fields for instance.
    public static let raw = SampleType(rawValue: 1 << 10)
    /// `PERF_SAMPLE_BRANCH_STACK`: the branches that the CPU took last.
    public static let branchStack = SampleType(rawValue: 1 << 11)
    /// `PERF_SAMPLE_REGS_USER`: the registers of user space.
    public static let registersUser = SampleType(rawValue: 1 << 12)
    /// `PERF_SAMPLE_STACK_USER`: a piece of the user stack, from the stack pointer up.
    public static let stackUser = SampleType(rawValue: 1 << 13)
    /// `PERF_SAMPLE_WEIGHT`: the cost of the event, in a hardware-defined unit.
    public static let weight = SampleType(rawValue: 1 << 14)
    /// `PERF_SAMPLE_DATA_SRC`: where in the memory hierarchy the data came from.
    public static let dataSource = SampleType(rawValue: 1 << 15)
    /// `PERF_SAMPLE_IDENTIFIER`: the event's id at a fixed place, whatever the other bits are.
    public static let identifier = SampleType(rawValue: 1 << 16)
    /// `PERF_SAMPLE_TRANSACTION`: why a hardware transaction was aborted.
    public static let transaction = SampleType(rawValue: 1 << 17)
    /// `PERF_SAMPLE_REGS_INTR`: the registers of the interrupted code, in the kernel too.
    public static let registersInterrupt = SampleType(rawValue: 1 << 18)
    /// `PERF_SAMPLE_PHYS_ADDR`: the physical address of `address`.
    public static let physicalAddress = SampleType(rawValue: 1 << 19)
    /// `PERF_SAMPLE_AUX`: a piece of the AUX area, a processor trace.
    public static let aux = SampleType(rawValue: 1 << 20)
    /// `PERF_SAMPLE_CGROUP`: the id of the task's cgroup.
    public static let cgroup = SampleType(rawValue: 1 << 21)
    /// `PERF_SAMPLE_DATA_PAGE_SIZE`: the size of the page that `address` lies in.
    public static let dataPageSize = SampleType(rawValue: 1 << 22)
    /// `PERF_SAMPLE_CODE_PAGE_SIZE`: the size of the page that the instruction lies in.
    public static let codePageSize = SampleType(rawValue: 1 << 23)
    /// `PERF_SAMPLE_WEIGHT_STRUCT`: three weights in place of one.
    public static let weightStruct = SampleType(rawValue: 1 << 24)

    /// Every bit whose layout is known here (kernel 6.18). With any other bit, fields after the known ones cannot be
    /// found.
    public static let known = SampleType(rawValue: (1 << 25) - 1)
}

/// `perf_event_attr.read_format`: the shape of a counter's values (`PERF_FORMAT_*`).
public struct ReadFormat: OptionSet, Hashable, Sendable {
    /// The word of `perf_event_attr`.
    public let rawValue: UInt64
    /// Bits of that word, known or not.
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// `PERF_FORMAT_TOTAL_TIME_ENABLED`: how long the event was switched on, in nanoseconds.
    public static let totalTimeEnabled = ReadFormat(rawValue: 1 << 0)
    /// `PERF_FORMAT_TOTAL_TIME_RUNNING`: how long it was on a CPU's counter, in nanoseconds.
    public static let totalTimeRunning = ReadFormat(rawValue: 1 << 1)
    /// `PERF_FORMAT_ID`: each value comes with its event's id.
    public static let id = ReadFormat(rawValue: 1 << 2)
    /// `PERF_FORMAT_GROUP`: the values of all events of the group.
    public static let group = ReadFormat(rawValue: 1 << 3)
    /// `PERF_FORMAT_LOST`: each value comes with the number of records that were lost (kernel 6.0).
    public static let lost = ReadFormat(rawValue: 1 << 4)
}

/// `perf_event_attr.branch_sample_type`: the bits that change a sample's layout (`PERF_SAMPLE_BRANCH_*`).
public struct BranchSampleType: OptionSet, Hashable, Sendable {
    /// The word of `perf_event_attr`.
    public let rawValue: UInt64
    /// Bits of that word, known or not.
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The entries are the CPU's own call stack.
    public static let callStack = BranchSampleType(rawValue: 1 << 11)
    /// The branch stack begins with `u64 hw_idx`.
    public static let hardwareIndex = BranchSampleType(rawValue: 1 << 17)
    /// The branch stack ends with one `u64` of counters per entry (kernel 6.8).
    public static let counters = BranchSampleType(rawValue: 1 << 19)
}
