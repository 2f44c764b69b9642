/// The bit field of `perf_event_attr` as a 64-bit word, with the bit order of little-endian machines.
public struct EventFlags: OptionSet, Hashable, Sendable {
    /// The word of `perf_event_attr` after `read_format`.
    public let rawValue: UInt64
    /// Bits of that word, known or not.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The event starts switched off, until an ioctl or an exec switches it on.
    public static let disabled = EventFlags(rawValue: 1 << 0)
    /// Processes and threads that the task creates later are counted too.
    public static let inherit = EventFlags(rawValue: 1 << 1)
    /// The counter must always be on the CPU; if it cannot be, the event goes into an error state.
    public static let pinned = EventFlags(rawValue: 1 << 2)
    /// No other event group may be on the CPU together with this one.
    public static let exclusive = EventFlags(rawValue: 1 << 3)
    /// User space is not counted.
    public static let excludeUser = EventFlags(rawValue: 1 << 4)
    /// The kernel is not counted.
    public static let excludeKernel = EventFlags(rawValue: 1 << 5)
    /// The hypervisor is not counted.
    public static let excludeHypervisor = EventFlags(rawValue: 1 << 6)
    /// The idle task is not counted.
    public static let excludeIdle = EventFlags(rawValue: 1 << 7)
    /// `PERF_RECORD_MMAP` for every executable mapping.
    public static let mmap = EventFlags(rawValue: 1 << 8)
    /// `PERF_RECORD_COMM` when a task's name changes, as by exec.
    public static let comm = EventFlags(rawValue: 1 << 9)
    /// `EventAttributes.samplePeriod` is a frequency in Hz, for which the kernel adapts the period.
    public static let frequency = EventFlags(rawValue: 1 << 10)
    /// Counts are kept for each task across context switches, for inherited events.
    public static let inheritStatistics = EventFlags(rawValue: 1 << 11)
    /// An exec of the task switches the event on.
    public static let enableOnExec = EventFlags(rawValue: 1 << 12)
    /// `PERF_RECORD_FORK` and `PERF_RECORD_EXIT`.
    public static let task = EventFlags(rawValue: 1 << 13)
    /// `EventAttributes.wakeup` counts bytes, not events.
    public static let watermark = EventFlags(rawValue: 1 << 14)
    package static let preciseMask = EventFlags(rawValue: 3 << 15)
    /// Mappings that are not executable are recorded too.
    public static let mmapData = EventFlags(rawValue: 1 << 17)
    /// Records other than samples end with a `SampleIdentity`.
    public static let sampleIDAll = EventFlags(rawValue: 1 << 18)
    /// The host is not counted, only guests are.
    public static let excludeHost = EventFlags(rawValue: 1 << 19)
    /// Guests are not counted, only the host is.
    public static let excludeGuest = EventFlags(rawValue: 1 << 20)
    /// Callchains leave kernel frames out.
    public static let excludeCallchainKernel = EventFlags(rawValue: 1 << 21)
    /// Callchains leave user frames out.
    public static let excludeCallchainUser = EventFlags(rawValue: 1 << 22)
    /// `PERF_RECORD_MMAP2`, which names the file behind a mapping, instead of `PERF_RECORD_MMAP`.
    public static let mmap2 = EventFlags(rawValue: 1 << 23)
    /// `PERF_RECORD_COMM` has a bit for a name that exec set (`RecordMisc.isCommExec`).
    public static let commExec = EventFlags(rawValue: 1 << 24)
    /// Times are those of `EventAttributes.clockID`, not of the kernel's own perf clock.
    public static let useClockID = EventFlags(rawValue: 1 << 25)
    /// `PERF_RECORD_SWITCH` or `PERF_RECORD_SWITCH_CPU_WIDE` for every context switch.
    public static let contextSwitch = EventFlags(rawValue: 1 << 26)
    /// The ring buffer is written from its end to its start, so that it holds the latest records.
    public static let writeBackward = EventFlags(rawValue: 1 << 27)
    /// `PERF_RECORD_NAMESPACES` for every new task and every change of its namespaces.
    public static let namespaces = EventFlags(rawValue: 1 << 28)
    /// `PERF_RECORD_KSYMBOL` when kernel code, such as a BPF program, is added or removed.
    public static let ksymbol = EventFlags(rawValue: 1 << 29)
    /// `PERF_RECORD_BPF_EVENT` when a BPF program is loaded or unloaded.
    public static let bpfEvent = EventFlags(rawValue: 1 << 30)
    /// Samples go into the AUX area of the group's leader instead of the ring buffer, if the hardware supports it.
    public static let auxOutput = EventFlags(rawValue: 1 << 31)
    /// `PERF_RECORD_CGROUP` for every new cgroup.
    public static let cgroup = EventFlags(rawValue: 1 << 32)
    /// `PERF_RECORD_TEXT_POKE` when the kernel changes its own code.
    public static let textPoke = EventFlags(rawValue: 1 << 33)
    /// `PERF_RECORD_MMAP2` has the file's build ID in place of its device and inode.
    public static let buildID = EventFlags(rawValue: 1 << 34)
    /// Only threads are inherited, not processes.
    public static let inheritThread = EventFlags(rawValue: 1 << 35)
    /// An exec of the task removes the event from it.
    public static let removeOnExec = EventFlags(rawValue: 1 << 36)
    /// Each overflow sends the task a synchronous SIGTRAP.
    public static let sigtrap = EventFlags(rawValue: 1 << 37)
    /// User callchains may be taken when the task returns to user space, in records of their own (kernel 6.19).
    public static let deferCallchain = EventFlags(rawValue: 1 << 38)
    /// The event takes the `PERF_RECORD_CALLCHAIN_DEFERRED` records (kernel 6.19).
    public static let deferOutput = EventFlags(rawValue: 1 << 39)
}
