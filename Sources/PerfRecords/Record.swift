/// One record of the kernel, decoded. Names, paths and arrays are ranges of byte offsets into the record's own bytes.
///
/// Every type up to kernel 6.19; what is newer, and what perf itself writes (type 64 and up), is `.other`.
public enum Record: Hashable, Sendable {
    case mmap(Mapping)
    case lost(id: UInt64, count: UInt64)
    case comm(Comm)
    case exit(Task)
    case fork(Task)
    case throttle(Throttle)
    case unthrottle(Throttle)
    case read(pid: Int32, tid: Int32, values: ReadValues)
    /// Elsewhere, since every record would be as large.
    indirect case sample(Sample)
    case aux(offset: UInt64, size: UInt64, flags: UInt64)
    case itraceStart(pid: Int32, tid: Int32)
    case lostSamples(count: UInt64)
    case `switch`
    case switchCPUWide(nextOrPreviousPID: Int32, nextOrPreviousTID: Int32)
    /// Pairs of `u64`: device and inode.
    case namespaces(pid: Int32, tid: Int32, links: Range<Int>)
    case ksymbol(KernelSymbolChange)
    /// `tag`: 8 bytes.
    case bpfEvent(type: UInt16, flags: UInt16, id: UInt32, tag: Range<Int>)
    case cgroup(id: UInt64, path: Range<Int>)
    case textPoke(TextPoke)
    case auxOutputHardwareID(UInt64)
    /// `u64` addresses.
    case callchainDeferred(cookie: UInt64, callchain: Range<Int>)
    /// Of no known layout; the range is all that follows the header.
    case other(payload: Range<Int>)

    /// MMAP and MMAP2.
    public struct Mapping: Hashable, Sendable {
        /// What only MMAP2 has; with `PERF_RECORD_MISC_MMAP_BUILD_ID` a build ID stands in the place of the inode.
        public enum Identity: Hashable, Sendable {
            case inode(major: UInt32, minor: UInt32, inode: UInt64, generation: UInt64)
            /// At most 20 bytes.
            case buildID(Range<Int>)
        }
        public struct Extension: Hashable, Sendable {
            public var identity: Identity
            /// `PROT_*` and `MAP_*` of mmap(2).
            public var protection: UInt32
            public var flags: UInt32
        }

        public var pid: Int32
        public var tid: Int32
        public var start: UInt64
        public var length: UInt64
        /// Offset in the file, bytes.
        public var fileOffset: UInt64
        /// `nil`: a record of the first kind.
        public var version2: Extension?
        public var path: Range<Int>
    }

    public struct Comm: Hashable, Sendable {
        public var pid: Int32
        public var tid: Int32
        public var name: Range<Int>

        public init(pid: Int32, tid: Int32, name: Range<Int>) { (self.pid, self.tid, self.name) = (pid, tid, name) }
    }

    /// FORK and EXIT: `parentPID`/`parentTID` created `pid`/`tid`.
    public struct Task: Hashable, Sendable {
        public var pid: Int32
        public var parentPID: Int32
        public var tid: Int32
        public var parentTID: Int32
        public var time: UInt64
    }

    public struct Throttle: Hashable, Sendable {
        public var time: UInt64
        public var id: UInt64
        public var streamID: UInt64
    }

    public struct KernelSymbolChange: Hashable, Sendable {
        public var address: UInt64
        public var length: UInt32
        public var type: UInt16
        public var flags: UInt16
        public var name: Range<Int>
    }

    public struct TextPoke: Hashable, Sendable {
        public var address: UInt64
        public var oldBytes: Range<Int>
        public var newBytes: Range<Int>
    }
}
