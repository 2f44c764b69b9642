public import ByteAccess

/// `perf_event_header.type`. Types below 64 are the kernel's (`PERF_RECORD_*`, linux/perf_event.h up to 6.19); from 64
/// on they are those that perf itself writes (tools/lib/perf/include/perf/event.h).
public struct RecordType: RawRepresentable, Hashable, Sendable {
    /// The number that the header has.
    public let rawValue: UInt32
    /// A type by its number, known or not.
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `PERF_RECORD_MMAP`: memory was mapped.
    public static let mmap = RecordType(rawValue: 1)
    /// `PERF_RECORD_LOST`: records did not fit into the ring buffer.
    public static let lost = RecordType(rawValue: 2)
    /// `PERF_RECORD_COMM`: a task has a new name.
    public static let comm = RecordType(rawValue: 3)
    /// `PERF_RECORD_EXIT`: a task ended.
    public static let exit = RecordType(rawValue: 4)
    /// `PERF_RECORD_THROTTLE`: the kernel stopped sampling, since samples came too often.
    public static let throttle = RecordType(rawValue: 5)
    /// `PERF_RECORD_UNTHROTTLE`: sampling goes on.
    public static let unthrottle = RecordType(rawValue: 6)
    /// `PERF_RECORD_FORK`: a process or a thread was created.
    public static let fork = RecordType(rawValue: 7)
    /// `PERF_RECORD_READ`: the values of a counter, when a task that inherited it ends.
    public static let read = RecordType(rawValue: 8)
    /// `PERF_RECORD_SAMPLE`: one sample.
    // Compared with every record's type: inlined as a constant instead of loaded from a global variable.
    @inlinable public static var sample: RecordType { RecordType(rawValue: 9) }
    /// `PERF_RECORD_MMAP2`: memory was mapped, with the file behind it.
    public static let mmap2 = RecordType(rawValue: 10)
    /// `PERF_RECORD_AUX`: data in the AUX area, such as a processor trace.
    public static let aux = RecordType(rawValue: 11)
    /// `PERF_RECORD_ITRACE_START`: an instruction trace begins.
    public static let itraceStart = RecordType(rawValue: 12)
    /// `PERF_RECORD_LOST_SAMPLES`: the hardware lost samples.
    public static let lostSamples = RecordType(rawValue: 13)
    /// `PERF_RECORD_SWITCH`: the task went off its CPU or came onto one.
    public static let `switch` = RecordType(rawValue: 14)
    /// `PERF_RECORD_SWITCH_CPU_WIDE`: a context switch seen by a CPU-wide event, with the other task.
    public static let switchCPUWide = RecordType(rawValue: 15)
    /// `PERF_RECORD_NAMESPACES`: the namespaces of a task.
    public static let namespaces = RecordType(rawValue: 16)
    /// `PERF_RECORD_KSYMBOL`: kernel code came or went.
    public static let ksymbol = RecordType(rawValue: 17)
    /// `PERF_RECORD_BPF_EVENT`: a BPF program was loaded or unloaded.
    public static let bpfEvent = RecordType(rawValue: 18)
    /// `PERF_RECORD_CGROUP`: a cgroup, with its path.
    public static let cgroup = RecordType(rawValue: 19)
    /// `PERF_RECORD_TEXT_POKE`: the kernel changed its own code.
    public static let textPoke = RecordType(rawValue: 20)
    /// `PERF_RECORD_AUX_OUTPUT_HW_ID`: the number that identifies an event in a processor trace.
    public static let auxOutputHardwareID = RecordType(rawValue: 21)
    /// `PERF_RECORD_CALLCHAIN_DEFERRED`: the user part of an earlier sample's callchain (kernel 6.19).
    public static let callchainDeferred = RecordType(rawValue: 22)

    /// `PERF_RECORD_HEADER_ATTR`: an event's attributes and ids, in a stream.
    public static let headerAttributes = RecordType(rawValue: 64)
    /// `PERF_RECORD_HEADER_EVENT_TYPE`: an event's name, up to perf 3.x.
    public static let headerEventType = RecordType(rawValue: 65)
    /// `PERF_RECORD_HEADER_TRACING_DATA`: the formats of tracepoints, which follow the record.
    public static let headerTracingData = RecordType(rawValue: 66)
    /// `PERF_RECORD_HEADER_BUILD_ID`: the build ID of one file.
    public static let headerBuildID = RecordType(rawValue: 67)
    /// `PERF_RECORD_FINISHED_ROUND`: every ring buffer was read once. Records before it are no newer than any after the
    /// next one.
    @inlinable public static var finishedRound: RecordType { RecordType(rawValue: 68) }
    /// `PERF_RECORD_ID_INDEX`: which CPU and thread each event id belongs to.
    public static let idIndex = RecordType(rawValue: 69)
    /// `PERF_RECORD_AUXTRACE_INFO`: how to decode the processor traces.
    public static let auxtraceInfo = RecordType(rawValue: 70)
    /// `PERF_RECORD_AUXTRACE`: a piece of a processor trace, which follows the record.
    public static let auxtrace = RecordType(rawValue: 71)
    /// `PERF_RECORD_AUXTRACE_ERROR`: an error in decoding a processor trace.
    public static let auxtraceError = RecordType(rawValue: 72)
    /// `PERF_RECORD_THREAD_MAP`: the threads that were recorded.
    public static let threadMap = RecordType(rawValue: 73)
    /// `PERF_RECORD_CPU_MAP`: the CPUs that were recorded.
    public static let cpuMap = RecordType(rawValue: 74)
    /// `PERF_RECORD_STAT_CONFIG`: how `perf stat record` was set.
    public static let statConfiguration = RecordType(rawValue: 75)
    /// `PERF_RECORD_STAT`: a counter's value.
    public static let stat = RecordType(rawValue: 76)
    /// `PERF_RECORD_STAT_ROUND`: the end of an interval of `perf stat record`.
    public static let statRound = RecordType(rawValue: 77)
    /// `PERF_RECORD_EVENT_UPDATE`: an event's name, unit or scale.
    public static let eventUpdate = RecordType(rawValue: 78)
    /// `PERF_RECORD_TIME_CONV`: how the time-stamp counter becomes nanoseconds.
    public static let timeConversion = RecordType(rawValue: 79)
    /// `PERF_RECORD_HEADER_FEATURE`: the contents of a feature section, in a stream.
    public static let headerFeature = RecordType(rawValue: 80)
    /// `PERF_RECORD_COMPRESSED`: records, compressed by zstd.
    public static let compressed = RecordType(rawValue: 81)
    /// `PERF_RECORD_FINISHED_INIT`: the records of the state before the recording are complete.
    public static let finishedInit = RecordType(rawValue: 82)
    /// `PERF_RECORD_COMPRESSED2`: records, compressed by zstd, with their length and padding.
    public static let compressed2 = RecordType(rawValue: 83)

    /// Record types of Android's simpleperf (system/extras/simpleperf/record.h).
    package static let kernelSymbols = RecordType(rawValue: 32769)
    package static let split = RecordType(rawValue: 32772)
    package static let splitEnd = RecordType(rawValue: 32773)
    package static let eventIDs = RecordType(rawValue: 32774)
    package static let tracingData = RecordType(rawValue: 32777)

    /// The first type that the kernel never writes.
    @usableFromInline package static let firstOfPerf: UInt32 = 64
    /// Whether the kernel writes records of this type; the others are the recorder's own.
    @inlinable public var isFromKernel: Bool { rawValue < Self.firstOfPerf }
    /// Whether the type is simpleperf's own. Headers of such records have a 32-bit size, with its upper half in `misc`.
    @inlinable package var isFromSimpleperf: Bool { rawValue >= 32768 }
}

/// `perf_event_header.misc`: the CPU mode of a sample, and bits whose meaning depends on the record's type.
public struct RecordMisc: RawRepresentable, Hashable, Sendable {
    /// The word that the header has.
    public let rawValue: UInt16
    /// The bits of a header, known or not.
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// `PERF_RECORD_MISC_CPUMODE_MASK`: whose code the CPU ran.
    public enum CPUMode: UInt16, Sendable {
        /// `PERF_RECORD_MISC_CPUMODE_UNKNOWN`: the record does not say.
        case unknown = 0
        /// `PERF_RECORD_MISC_KERNEL`.
        case kernel
        /// `PERF_RECORD_MISC_USER`: user space.
        case user
        /// `PERF_RECORD_MISC_HYPERVISOR`.
        case hypervisor
        /// `PERF_RECORD_MISC_GUEST_KERNEL`: the kernel of a virtual machine.
        case guestKernel
        /// `PERF_RECORD_MISC_GUEST_USER`: user space of a virtual machine.
        case guestUser
    }

    /// The CPU mode of a sample or a mapping; `.unknown` for values that linux/perf_event.h does not define.
    public var cpuMode: CPUMode { CPUMode(rawValue: rawValue & 7) ?? .unknown }
    /// COMM: the name changed because of an exec.
    @inlinable public var isCommExec: Bool { rawValue & (1 << 13) != 0 }
    /// FORK: written by perf for a process that was there already.
    @inlinable public var isForkOfExisting: Bool { rawValue & (1 << 13) != 0 }
    /// SWITCH: the task left the CPU.
    @inlinable public var isSwitchOut: Bool { rawValue & (1 << 13) != 0 }
    /// SWITCH: the task left the CPU while still runnable.
    @inlinable public var isSwitchOutPreempted: Bool { rawValue & (1 << 14) != 0 }
    /// MMAP: not an executable mapping.
    @inlinable public var isMapOfData: Bool { rawValue & (1 << 13) != 0 }
    /// MMAP2: a build ID takes the place of device and inode.
    @inlinable public var hasMapBuildID: Bool { rawValue & (1 << 14) != 0 }
}

/// `struct perf_event_header`: the first 8 bytes of every record.
public struct RecordHeader: Hashable, Sendable {
    /// Bytes of the header itself.
    public static let size = 8

    /// What the record holds.
    public var type: RecordType
    /// The CPU mode, and bits specific to the type.
    public var misc: RecordMisc
    /// Bytes of the whole record, this header included.
    public var size: Int

    @inlinable
    package init(type: RecordType, misc: RecordMisc = RecordMisc(rawValue: 0), size: Int) {
        self.type = type
        self.misc = misc
        self.size = size
    }

    /// The header at `offset`; `nil` if fewer than 8 bytes are there. The caller must check that `size` is valid.
    @inlinable
    public init?(decoding bytes: borrowing RawSpan, at offset: Int = 0) {
        guard let word = bytes.load(UInt64.self, at: offset) else { return nil }
        type = RecordType(rawValue: UInt32(truncatingIfNeeded: word))
        misc = RecordMisc(rawValue: UInt16(truncatingIfNeeded: word >> 32))
        size = Int(word >> 48)
        if type.isFromSimpleperf {
            size |= Int(misc.rawValue) << 16
            misc = RecordMisc(rawValue: 0)
        }
    }
}

/// Why a record could not be decoded; offsets count from the record's first byte.
public enum RecordError: Error, Hashable, Sendable {
    /// The record ends before the field at `offset`.
    case truncated(offset: Int)
    /// A count or size field points outside the record.
    case countOutOfBounds(offset: Int, count: UInt64)
}
