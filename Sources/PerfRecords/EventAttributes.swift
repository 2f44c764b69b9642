internal import ByteAccess

/// `perf_event_attr` as a value: what one event counts and which fields its records have.
///
/// Source: linux/perf_event.h; `size` 64 (the first published struct) up to 144 (kernel 6.19) is understood, and what a
/// larger one adds is ignored, as the kernel's own rule for the struct asks.
public struct EventAttributes: Hashable, Sendable {
    /// `PERF_TYPE_*`.
    public enum Kind {
        public static let hardware: UInt32 = 0
        public static let software: UInt32 = 1
        public static let tracepoint: UInt32 = 2
        public static let hardwareCache: UInt32 = 3
        public static let raw: UInt32 = 4
        public static let breakpoint: UInt32 = 5
    }

    /// `PERF_COUNT_SW_*`, those that are opened here.
    public enum Software {
        public static let cpuClock: UInt64 = 0
        public static let dummy: UInt64 = 9
        public static let bpfOutput: UInt64 = 10
    }

    public var type: UInt32 = 0
    public var config: UInt64 = 0
    /// The period in events, or the frequency in Hz when `flags` has `.frequency`.
    public var samplePeriod: UInt64 = 0
    public var sampleType: SampleType = []
    public var readFormat: ReadFormat = []
    public var flags: EventFlags = []
    /// Events, or bytes when `flags` has `.watermark`.
    public var wakeup: UInt32 = 0
    public var breakpointType: UInt32 = 0
    public var config1: UInt64 = 0
    public var config2: UInt64 = 0
    public var branchSampleType: BranchSampleType = []
    /// A bit per register of asm/perf_regs.h.
    public var sampleRegistersUser: UInt64 = 0
    /// Bytes of user stack a sample.
    public var sampleStackUser: UInt32 = 0
    /// A `clockid_t`, where `flags` has `.useClockID`.
    public var clockID: Int32 = 0
    public var sampleRegistersInterrupt: UInt64 = 0
    public var auxWatermark: UInt32 = 0
    public var sampleMaxStack: UInt16 = 0
    public var auxSampleSize: UInt32 = 0
    public var auxAction: UInt32 = 0
    public var signalData: UInt64 = 0
    public var config3: UInt64 = 0
    public var config4: UInt64 = 0

    public init() {}

    /// The struct size of kernel 5.5: the largest one that perf 5.10 opens. perf refuses a file with larger ones than its own.
    public static let encodedSize = 120
    /// The first published size (`PERF_ATTR_SIZE_VER0`).
    public static let minimumSize = 64
    private static let maximumSize = 144

    /// `precise_ip`, 0…3.
    public var precise: Int { Int((flags.rawValue >> 15) & 3) }

    /// Decodes the attributes at the start of `bytes`. A size of 0 in the struct itself (very old files) stands for all
    /// of `bytes`; fields behind the size read as zero. `nil` when `bytes` holds fewer than 64 bytes.
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

    /// The struct as the kernel and perf.data lay it out, `size` bytes long (a multiple of 8; brought into 64…144, so
    /// that a size out of somebody's file can be passed on).
    public func encoded(size: Int = Self.encodedSize) -> [UInt8] {
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
