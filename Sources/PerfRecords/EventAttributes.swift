internal import ByteAccess

/// `perf_event_attr` as a value: what one event counts and which fields its records have.
///
/// Source: linux/perf_event.h. Sizes from 64 (the first published struct) to 144 (kernel 6.19) are understood; fields
/// that a larger struct adds are ignored, as the struct's rules demand.
public struct EventAttributes: Hashable, Sendable {
    /// Values of `type`, `PERF_TYPE_*`. Larger ones are those of PMUs (`/sys/bus/event_source/devices/*/type`).
    public enum Kind {
        /// A generic hardware event; `config` is one of `PERF_COUNT_HW_*`.
        public static let hardware: UInt32 = 0
        /// A kernel's software event; `config` is one of `PERF_COUNT_SW_*`.
        public static let software: UInt32 = 1
        /// A tracepoint; `config` is its id.
        public static let tracepoint: UInt32 = 2
        /// A hardware cache event; `config` has `PERF_COUNT_HW_CACHE_*`, operation and result in a byte each.
        public static let hardwareCache: UInt32 = 3
        /// An event of the CPU's own; `config` is its code.
        public static let raw: UInt32 = 4
        /// A hardware breakpoint: `breakpointType`, address in `config1`, length in `config2`.
        public static let breakpoint: UInt32 = 5
    }

    /// The `PERF_COUNT_SW_*` events that spawnscope opens.
    package enum Software {
        package static let cpuClock: UInt64 = 0
        package static let dummy: UInt64 = 9
        package static let bpfOutput: UInt64 = 10
    }

    /// What kind of event it is, see `Kind`.
    public var type: UInt32 = 0
    /// Which event of its kind it is.
    public var config: UInt64 = 0
    /// The period in events, or the frequency in Hz when `flags` has `.frequency`.
    public var samplePeriod: UInt64 = 0
    /// The fields of its samples.
    public var sampleType: SampleType = []
    /// The shape of its values.
    public var readFormat: ReadFormat = []
    /// What is counted, and which records are written.
    public var flags: EventFlags = []
    /// How much data wakes a reader: events, or bytes when `flags` has `.watermark`.
    public var wakeup: UInt32 = 0
    /// `HW_BREAKPOINT_*` of linux/hw_breakpoint.h: 1 read, 2 write, 4 execute.
    public var breakpointType: UInt32 = 0
    /// Further configuration: a breakpoint's address, a probe's name, or as its PMU defines.
    public var config1: UInt64 = 0
    /// Further configuration: a breakpoint's length, a probe's offset, or as its PMU defines.
    public var config2: UInt64 = 0
    /// Which branches its branch stacks hold.
    public var branchSampleType: BranchSampleType = []
    /// The registers of user space that samples hold: one bit per register, as numbered in asm/perf_regs.h.
    public var sampleRegistersUser: UInt64 = 0
    /// Bytes of user stack that a sample asks for.
    public var sampleStackUser: UInt32 = 0
    /// The `clockid_t` of its times, if `flags` has `.useClockID`.
    public var clockID: Int32 = 0
    /// The registers of the interrupted code that samples hold: bits as in `sampleRegistersUser`.
    public var sampleRegistersInterrupt: UInt64 = 0
    /// Bytes of AUX area after which a reader is woken.
    public var auxWatermark: UInt32 = 0
    /// Frames that a callchain holds at most; 0 for the default, /proc/sys/kernel/perf_event_max_stack.
    public var sampleMaxStack: UInt16 = 0
    /// Bytes of AUX area that a sample asks for.
    public var auxSampleSize: UInt32 = 0
    /// `aux_start_paused`, `aux_pause` and `aux_resume`, bits 0 to 2: what the event does with an AUX trace.
    public var auxAction: UInt32 = 0
    /// The value of `si_perf_data` in the signals that `.sigtrap` sends.
    public var signalData: UInt64 = 0
    /// Further configuration, as the event's PMU defines.
    public var config3: UInt64 = 0
    /// Further configuration, as the event's PMU defines (kernel 6.19).
    public var config4: UInt64 = 0

    /// Attributes that are all 0.
    public init() {}

    /// The struct size of kernel 5.5, the largest that perf 5.10 opens: perf refuses a file whose struct is larger than
    /// its own.
    package static let encodedSize = 120
    /// The first published size (`PERF_ATTR_SIZE_VER0`).
    package static let minimumSize = 64
    private static let maximumSize = 144

    /// `precise_ip`: how far a sample's address may be off: 0 any distance, 1 constant, 2 none if possible, 3 none.
    public var precise: Int { Int((flags.rawValue >> 15) & 3) }

    /// Decodes the attributes at the start of `bytes`. A size of 0 in the struct itself (very old files) stands for all
    /// of `bytes`; fields beyond the size read as zero. `nil` if the size or `bytes` is less than 64 bytes.
    public init?(decoding bytes: borrowing RawSpan) {
        guard bytes.byteCount >= Self.minimumSize, let stated = bytes.load(UInt32.self, at: 4) else { return nil }
        let size = stated == 0 ? bytes.byteCount : min(Int(stated), bytes.byteCount)
        guard size >= Self.minimumSize else { return nil }
        let held = bytes.extracting(first: size)
        func word(_ offset: Int) -> UInt64 { held.load(UInt64.self, at: offset) ?? 0 }
        func half(_ offset: Int) -> UInt32 { held.load(UInt32.self, at: offset) ?? 0 }
        type = half(0)
        config = word(8)
        samplePeriod = word(16)
        sampleType = SampleType(rawValue: word(24))
        readFormat = ReadFormat(rawValue: word(32))
        flags = EventFlags(rawValue: word(40))
        wakeup = half(48)
        breakpointType = half(52)
        config1 = word(56)
        config2 = word(64)
        branchSampleType = BranchSampleType(rawValue: word(72))
        sampleRegistersUser = word(80)
        sampleStackUser = half(88)
        clockID = Int32(bitPattern: half(92))
        sampleRegistersInterrupt = word(96)
        auxWatermark = half(104)
        sampleMaxStack = held.load(UInt16.self, at: 108) ?? 0
        auxSampleSize = half(112)
        auxAction = half(116)
        signalData = word(120)
        config3 = word(128)
        config4 = word(136)
    }

    /// The struct as the kernel and perf.data lay it out, `size` bytes long (a multiple of 8). `size` is clamped to
    /// 64…144, so that a size read from a file can be passed on.
    package func encoded(size: Int = Self.encodedSize) -> [UInt8] {
        let size = min(max(size, Self.minimumSize), Self.maximumSize)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.maximumSize)
        bytes.store(type)
        bytes.store(UInt32(truncatingIfNeeded: size))
        bytes.store(config)
        bytes.store(samplePeriod)
        bytes.store(sampleType.rawValue)
        bytes.store(readFormat.rawValue)
        bytes.store(flags.rawValue)
        bytes.store(wakeup)
        bytes.store(breakpointType)
        bytes.store(config1)
        bytes.store(config2)
        bytes.store(branchSampleType.rawValue)
        bytes.store(sampleRegistersUser)
        bytes.store(sampleStackUser)
        bytes.store(clockID)
        bytes.store(sampleRegistersInterrupt)
        bytes.store(auxWatermark)
        bytes.store(sampleMaxStack)
        bytes.store(UInt16(0))
        bytes.store(auxSampleSize)
        bytes.store(auxAction)
        bytes.store(signalData)
        bytes.store(config3)
        bytes.store(config4)
        bytes.removeLast(bytes.count - size)
        return bytes
    }
}
