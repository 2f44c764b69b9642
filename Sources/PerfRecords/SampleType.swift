/// `perf_event_attr.sample_type`: which fields a sample holds (`PERF_SAMPLE_*` of linux/perf_event.h).
public struct SampleType: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let instructionPointer = SampleType(rawValue: 1 << 0)
    public static let threadID = SampleType(rawValue: 1 << 1)
    public static let time = SampleType(rawValue: 1 << 2)
    public static let address = SampleType(rawValue: 1 << 3)
    public static let read = SampleType(rawValue: 1 << 4)
    public static let callchain = SampleType(rawValue: 1 << 5)
    public static let id = SampleType(rawValue: 1 << 6)
    public static let cpu = SampleType(rawValue: 1 << 7)
    public static let period = SampleType(rawValue: 1 << 8)
    public static let streamID = SampleType(rawValue: 1 << 9)
    public static let raw = SampleType(rawValue: 1 << 10)
    public static let branchStack = SampleType(rawValue: 1 << 11)
    public static let registersUser = SampleType(rawValue: 1 << 12)
    public static let stackUser = SampleType(rawValue: 1 << 13)
    public static let weight = SampleType(rawValue: 1 << 14)
    public static let dataSource = SampleType(rawValue: 1 << 15)
    public static let identifier = SampleType(rawValue: 1 << 16)
    public static let transaction = SampleType(rawValue: 1 << 17)
    public static let registersInterrupt = SampleType(rawValue: 1 << 18)
    public static let physicalAddress = SampleType(rawValue: 1 << 19)
    public static let aux = SampleType(rawValue: 1 << 20)
    public static let cgroup = SampleType(rawValue: 1 << 21)
    public static let dataPageSize = SampleType(rawValue: 1 << 22)
    public static let codePageSize = SampleType(rawValue: 1 << 23)
    public static let weightStruct = SampleType(rawValue: 1 << 24)

    /// Every bit that this decoder knows the layout of (kernel 6.18).
    public static let known = SampleType(rawValue: (1 << 25) - 1)
}

/// `perf_event_attr.read_format`: the shape of a counter's values (`PERF_FORMAT_*`).
public struct ReadFormat: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let totalTimeEnabled = ReadFormat(rawValue: 1 << 0)
    public static let totalTimeRunning = ReadFormat(rawValue: 1 << 1)
    public static let id = ReadFormat(rawValue: 1 << 2)
    public static let group = ReadFormat(rawValue: 1 << 3)
    public static let lost = ReadFormat(rawValue: 1 << 4)
}

/// `perf_event_attr.branch_sample_type`: the bits that change a sample's layout (`PERF_SAMPLE_BRANCH_*`).
public struct BranchSampleType: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The entries are the CPU's own call stack.
    public static let callStack = BranchSampleType(rawValue: 1 << 11)
    /// The branch stack begins with `u64 hw_idx`.
    public static let hardwareIndex = BranchSampleType(rawValue: 1 << 17)
    /// The branch stack ends with one `u64` of counters an entry (kernel 6.8).
    public static let counters = BranchSampleType(rawValue: 1 << 19)
}
