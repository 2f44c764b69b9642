import PerfRecords

/// The user registers and the piece of the stack that are kept with a creation, so that its call site can be unwound by
/// the images' own tables when the session is read.
struct StackDump {
    /// Bytes; 0 for none.
    let size: Int

    /// Outermost frames lay within 2 KB (C, dash), 3.2 KB (Python) and 8.1 KB (bash) of the stack pointer. The ring takes the
    /// whole size whatever is used, so it is what a dump costs while recording; the session keeps what is used.
    static let usualSize = 16 << 10
    /// A record has no more than 64 KiB (perf_event_header.size), and the rest of the sample needs its room.
    static let largestSize = 63 << 10
    /// Less than this holds no whole stack of any program.
    static let leastUseful = 1 << 10
    /// A ring holds at least so many dumps, or fewer spawns than it takes to wake the recorder would fill it.
    static let fewestInRing = 128

    init(_ options: RecordingOptions) {
        let fitting = min(Self.usualSize, options.leastRingSize / Self.fewestInRing & ~7)
        size = options.stackSize ?? (fitting < Self.leastUseful ? 0 : fitting)
    }

    /// The general registers and the instruction pointer, without the segments (PERF_REG_X86_*, `perf record --call-graph
    /// dwarf` takes the same); of arm64 x0 to x30, sp and pc.
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
        attributes.sampleStackUser = UInt32(clamping: size)
    }
}
