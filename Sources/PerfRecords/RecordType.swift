public import ByteAccess

/// `perf_event_header.type`. Below 64 the kernel's (`PERF_RECORD_*`, linux/perf_event.h up to 6.19), from 64 on those
/// that perf itself writes into a file (tools/lib/perf/include/perf/event.h).
public struct RecordType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let mmap = RecordType(rawValue: 1)
    public static let lost = RecordType(rawValue: 2)
    public static let comm = RecordType(rawValue: 3)
    public static let exit = RecordType(rawValue: 4)
    public static let throttle = RecordType(rawValue: 5)
    public static let unthrottle = RecordType(rawValue: 6)
    public static let fork = RecordType(rawValue: 7)
    public static let read = RecordType(rawValue: 8)
    /// Asked for at every record: a constant where it is used, no variable of this module.
    @inlinable public static var sample: RecordType { RecordType(rawValue: 9) }
    public static let mmap2 = RecordType(rawValue: 10)
    public static let aux = RecordType(rawValue: 11)
    public static let itraceStart = RecordType(rawValue: 12)
    public static let lostSamples = RecordType(rawValue: 13)
    public static let `switch` = RecordType(rawValue: 14)
    public static let switchCPUWide = RecordType(rawValue: 15)
    public static let namespaces = RecordType(rawValue: 16)
    public static let ksymbol = RecordType(rawValue: 17)
    public static let bpfEvent = RecordType(rawValue: 18)
    public static let cgroup = RecordType(rawValue: 19)
    public static let textPoke = RecordType(rawValue: 20)
    public static let auxOutputHardwareID = RecordType(rawValue: 21)
    public static let callchainDeferred = RecordType(rawValue: 22)

    public static let headerAttributes = RecordType(rawValue: 64)
    public static let headerEventType = RecordType(rawValue: 65)
    public static let headerTracingData = RecordType(rawValue: 66)
    public static let headerBuildID = RecordType(rawValue: 67)
    @inlinable public static var finishedRound: RecordType { RecordType(rawValue: 68) }
    public static let idIndex = RecordType(rawValue: 69)
    public static let auxtraceInfo = RecordType(rawValue: 70)
    public static let auxtrace = RecordType(rawValue: 71)
    public static let auxtraceError = RecordType(rawValue: 72)
    public static let threadMap = RecordType(rawValue: 73)
    public static let cpuMap = RecordType(rawValue: 74)
    public static let statConfiguration = RecordType(rawValue: 75)
    public static let stat = RecordType(rawValue: 76)
    public static let statRound = RecordType(rawValue: 77)
    public static let eventUpdate = RecordType(rawValue: 78)
    public static let timeConversion = RecordType(rawValue: 79)
    public static let headerFeature = RecordType(rawValue: 80)
    public static let compressed = RecordType(rawValue: 81)
    public static let finishedInit = RecordType(rawValue: 82)
    public static let compressed2 = RecordType(rawValue: 83)

    /// Those of Android's simpleperf (system/extras/simpleperf/record.h).
    public static let kernelSymbols = RecordType(rawValue: 32769)
    public static let split = RecordType(rawValue: 32772)
    public static let splitEnd = RecordType(rawValue: 32773)
    public static let eventIDs = RecordType(rawValue: 32774)
    public static let tracingData = RecordType(rawValue: 32777)

    /// The first type that the kernel never writes.
    public static let firstOfPerf: UInt32 = 64
    @inlinable public var isFromKernel: Bool { rawValue < Self.firstOfPerf }
    /// Headers of simpleperf's own records have a size of 32 bits, whose upper half stands where `misc` is elsewhere.
    @inlinable public var isFromSimpleperf: Bool { rawValue >= 32768 }
}

/// `perf_event_header.misc`: the CPU mode of a sample, and bits whose meaning depends on the record's type.
public struct RecordMisc: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// `PERF_RECORD_MISC_CPUMODE_MASK`.
    public enum CPUMode: UInt16, Sendable {
        case unknown = 0, kernel, user, hypervisor, guestKernel, guestUser
    }

    public var cpuMode: CPUMode { CPUMode(rawValue: rawValue & 7) ?? .unknown }
    /// COMM: the name changed because of an exec.
    @inlinable public var isCommExec: Bool { rawValue & (1 << 13) != 0 }
    /// FORK: written by perf for a process that was there already.
    @inlinable public var isForkOfExisting: Bool { rawValue & (1 << 13) != 0 }
    /// SWITCH: the task left the CPU.
    @inlinable public var isSwitchOut: Bool { rawValue & (1 << 13) != 0 }
    /// SWITCH: it left while still runnable.
    @inlinable public var isSwitchOutPreempted: Bool { rawValue & (1 << 14) != 0 }
    /// MMAP: not an executable mapping.
    @inlinable public var isMapOfData: Bool { rawValue & (1 << 13) != 0 }
    /// MMAP2: a build ID stands where device and inode would.
    @inlinable public var hasMapBuildID: Bool { rawValue & (1 << 14) != 0 }
}

/// `struct perf_event_header`: the first 8 bytes of every record.
public struct RecordHeader: Hashable, Sendable {
    public static let size = 8

    public var type: RecordType
    public var misc: RecordMisc
    /// Bytes of the whole record, this header included.
    public var size: Int

    @inlinable
    public init(type: RecordType, misc: RecordMisc = RecordMisc(rawValue: 0), size: Int) {
        self.type = type
        self.misc = misc
        self.size = size
    }

    /// `nil` when fewer than 8 bytes are there. Whether `size` is sane is the caller's question.
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
