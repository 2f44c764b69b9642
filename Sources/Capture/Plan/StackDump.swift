import PerfRecords

/// User registers and a piece of the user stack, sampled with a creation, so that its call site can be unwound with the
/// images' unwind tables when the session is read.
struct StackDump {
    /// Bytes; 0 for none.
    let size: Int

    /// Outermost frames lay within 2 KB (C, dash), 3.2 KB (Python) and 8.1 KB (bash) of the stack pointer. The ring takes the
    /// whole size whatever is used, so it is what a dump costs while recording; the session keeps what is used.
    static let usualSize = 16 << 10
    /// A record has no more than 64 KiB (perf_event_header.size), and the rest of the sample needs its room.
    static let largestSize = 63 << 10
    /// Smaller dumps hold no program's whole stack.
    static let leastUseful = 1 << 10
    /// A ring must hold at least this many dumps: otherwise it could be full before the recorder has been woken.
    static let fewestInRing = 128

    init(_ options: RecordingOptions) {
        let fitting = min(Self.usualSize, options.leastRingSize / Self.fewestInRing & ~7)
        size = min(options.stackSize ?? (fitting < Self.leastUseful ? 0 : fitting), Self.largestSize)
    }

    /// Of the joined recorder, whose records take only what is used: node, cmake, cargo and pytest use more than 16 KiB. Of
    /// longer stacks half of it is taken from each end: one frame of rustc is 527 KiB, with 52 KiB above it.
    static let usualLiveSize = 128 << 10
    /// Longer stacks are those of endless recursion.
    static let largestLiveSize = 256 << 10
    /// Of the recorder traced, which reads memory of a stopped process into its own.
    static let largestTracedSize = 1 << 20

    /// The live part of the stack, for the joined recorder; `ringSize`: of the ring that all CPUs share.
    init(live options: RecordingOptions, ringSize: Int) {
        size = options.stackSize ?? min(Self.usualLiveSize, ringSize / 4 & ~7)
    }

    /// On x86-64 PERF_REG_X86_AX to R15 but DS, ES, FS and GS, which `perf record --call-graph dwarf` takes too; on
    /// arm64 x0 to x30, sp and pc.
    private static var registers: UInt64 {
        #if arch(x86_64)
            0xff_0fff
        #else
            0x1_ffff_ffff
        #endif
    }

    func add(to attributes: inout EventAttributes) {
        guard size > 0 else { return }
        attributes.sampleType.formUnion([.registersUser, .stackUser])
        attributes.sampleRegistersUser = Self.registers
        attributes.sampleStackUser = UInt32(clamping: min(size, Self.largestSize))
    }
}
