/// One record of the kernel, decoded. Names, paths and arrays are ranges of byte offsets into the record's own bytes.
///
/// Covers every type up to kernel 6.19; newer types and those that perf itself writes (64 and up) are `.other`.
public enum Record: Hashable, Sendable {
    /// `PERF_RECORD_MMAP` and `PERF_RECORD_MMAP2`: memory was mapped.
    case mmap(Mapping)
    /// `PERF_RECORD_LOST`: `count` records of the event `id` did not fit into the ring buffer.
    case lost(id: UInt64, count: UInt64)
    /// `PERF_RECORD_COMM`: a task has a new name, by exec or by prctl(2).
    case comm(Comm)
    /// `PERF_RECORD_EXIT`: a task ended.
    case exit(Task)
    /// `PERF_RECORD_FORK`: a process or, with the pid of its parent, a thread was created.
    case fork(Task)
    /// `PERF_RECORD_THROTTLE`: samples came too often, and the kernel takes none for a while.
    case throttle(Throttle)
    /// `PERF_RECORD_UNTHROTTLE`: samples are taken again.
    case unthrottle(Throttle)
    /// `PERF_RECORD_READ`: the values of an inherited counter, when its task ends.
    case read(pid: Int32, tid: Int32, values: ReadValues)
    /// `PERF_RECORD_SAMPLE`. Stored indirectly, since otherwise every `Record` would be as large as a sample.
    indirect case sample(Sample)
    /// `PERF_RECORD_AUX`: `size` new bytes at `offset` of the AUX area; `flags`: `PERF_AUX_FLAG_*`.
    case aux(offset: UInt64, size: UInt64, flags: UInt64)
    /// `PERF_RECORD_ITRACE_START`: an instruction trace of the thread begins.
    case itraceStart(pid: Int32, tid: Int32)
    /// `PERF_RECORD_LOST_SAMPLES`: the hardware lost `count` samples.
    case lostSamples(count: UInt64)
    /// `PERF_RECORD_SWITCH`: the task went off its CPU or came onto one (`RecordMisc.isSwitchOut`).
    case `switch`
    /// `PERF_RECORD_SWITCH_CPU_WIDE`: on a switch out, the task that comes; on a switch in, the one that went.
    case switchCPUWide(nextOrPreviousPID: Int32, nextOrPreviousTID: Int32)
    /// `PERF_RECORD_NAMESPACES`: a task's namespaces in the order of `*_NS_INDEX`, as pairs of `u64`: device and inode.
    case namespaces(pid: Int32, tid: Int32, links: Range<Int>)
    /// `PERF_RECORD_KSYMBOL`: kernel code came or went, such as a BPF program.
    case ksymbol(KernelSymbolChange)
    /// `PERF_RECORD_BPF_EVENT`: a program was loaded (`type` 1) or unloaded (2), with its id and its tag of 8 bytes.
    case bpfEvent(type: UInt16, flags: UInt16, id: UInt32, tag: Range<Int>)
    /// `PERF_RECORD_CGROUP`: the path of a cgroup from the root of its hierarchy.
    case cgroup(id: UInt64, path: Range<Int>)
    /// `PERF_RECORD_TEXT_POKE`: the kernel changed its own code.
    case textPoke(TextPoke)
    /// `PERF_RECORD_AUX_OUTPUT_HW_ID`: the number that identifies the event in a processor trace.
    case auxOutputHardwareID(UInt64)
    /// `PERF_RECORD_CALLCHAIN_DEFERRED`: the user part of earlier callchains that end with `cookie`; `u64` addresses.
    case callchainDeferred(cookie: UInt64, callchain: Range<Int>)
    /// A record of unknown layout; `payload` is everything after the header.
    case other(payload: Range<Int>)

    /// Memory that was mapped, during the recording or before it began.
    public struct Mapping: Hashable, Sendable {
        /// Identifies the mapped file; only MMAP2 has this. With `PERF_RECORD_MISC_MMAP_BUILD_ID` it is a build ID.
        public enum Identity: Hashable, Sendable {
            /// The device's numbers, the inode and its generation, as the kernel has them. stat(2) shows other numbers
            /// for overlayfs and btrfs.
            case inode(major: UInt32, minor: UInt32, inode: UInt64, generation: UInt64)
            /// Where the GNU build ID lies in the record, at most 20 bytes.
            case buildID(Range<Int>)
        }

        /// The fields that MMAP2 adds.
        public struct Extension: Hashable, Sendable {
            /// Identifies the mapped file.
            public var identity: Identity
            /// `PROT_*` of mmap(2).
            public var protection: UInt32
            /// `MAP_*` of mmap(2).
            public var flags: UInt32
        }

        /// The process; −1 for the kernel.
        public var pid: Int32
        /// The thread.
        public var tid: Int32
        /// The address of the first byte.
        public var start: UInt64
        /// Bytes of memory.
        public var length: UInt64
        /// The offset in the file at which the mapping begins, in bytes.
        public var fileOffset: UInt64
        /// `nil` for MMAP.
        public var version2: Extension?
        /// The NUL-terminated path as the process saw it, or a name for other memory: `[vdso]`, `//anon`,
        /// `[kernel.kallsyms]_text`.
        public var path: Range<Int>
    }

    /// A task's new name.
    public struct Comm: Hashable, Sendable {
        /// The process.
        public var pid: Int32
        /// The thread that has the name.
        public var tid: Int32
        /// NUL-terminated; at most 15 bytes if the kernel wrote it.
        public var name: Range<Int>

        package init(pid: Int32, tid: Int32, name: Range<Int>) { (self.pid, self.tid, self.name) = (pid, tid, name) }
    }

    /// A process or a thread that begins or ends.
    public struct Task: Hashable, Sendable {
        /// The process.
        public var pid: Int32
        /// FORK: the process that created it; for a thread, its own process. EXIT: the parent process.
        public var parentPID: Int32
        /// The thread.
        public var tid: Int32
        /// FORK: the thread that created it. EXIT: its parent's.
        public var parentTID: Int32
        /// Nanoseconds of the event's clock.
        public var time: UInt64
    }

    /// The event that is throttled or no longer throttled.
    public struct Throttle: Hashable, Sendable {
        /// Nanoseconds of the event's clock.
        public var time: UInt64
        /// The event's id; for an inherited event, the id of the one that was opened.
        public var id: UInt64
        /// The id of the event itself.
        public var streamID: UInt64
    }

    /// Kernel code that was added or removed.
    public struct KernelSymbolChange: Hashable, Sendable {
        /// Where it begins.
        public var address: UInt64
        /// Bytes of code.
        public var length: UInt32
        /// `PERF_RECORD_KSYMBOL_TYPE_*`: 1 a BPF program, 2 other code outside the kernel's own.
        public var type: UInt16
        /// `PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER`, bit 0: the code was removed.
        public var flags: UInt16
        /// NUL-terminated, as /proc/kallsyms would have it.
        public var name: Range<Int>
    }

    /// Code that the kernel overwrote.
    public struct TextPoke: Hashable, Sendable {
        /// The address of the first byte.
        public var address: UInt64
        /// The bytes before; empty for code that is new.
        public var oldBytes: Range<Int>
        /// The bytes now; empty for code that was removed.
        public var newBytes: Range<Int>
    }
}
