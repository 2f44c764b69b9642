internal import ByteAccess

extension Record {
    /// A decoded record and the identity trailer that followed it.
    public struct Decoded: Hashable, Sendable {
        /// Type, CPU mode and size.
        public var header: RecordHeader
        /// The record's contents.
        public var record: Record
        /// The identity trailer; empty for a sample, which has these fields itself, and for a record that perf wrote.
        public var identity: SampleIdentity

        package init(header: RecordHeader, record: Record, identity: SampleIdentity) {
            (self.header, self.record, self.identity) = (header, record, identity)
        }
    }

    /// Decodes `bytes`, one record with its header, written by an event of this layout. Ranges in the result are
    /// offsets into `bytes`.
    /// - Throws: a `RecordError` if the record is cut off, or a count in it points outside of it.
    public static func decode(_ bytes: borrowing RawSpan, layout: RecordLayout) throws(RecordError) -> Decoded {
        guard let header = RecordHeader(decoding: bytes) else { throw .truncated(offset: 0) }
        if header.type == .sample {
            let sample = try Sample(decoding: bytes, layout: layout)
            return Decoded(header: header, record: .sample(sample), identity: SampleIdentity())
        }
        guard header.type.isFromKernel else {
            let payload = Record.other(payload: RecordHeader.size..<bytes.byteCount)
            return Decoded(header: header, record: payload, identity: SampleIdentity())
        }
        let identity = try SampleIdentity(bytes, layout: layout)
        var cursor = RecordCursor(offset: RecordHeader.size, end: bytes.byteCount - layout.identitySize)
        let record = try decodeBody(bytes, header, &cursor, layout)
        return Decoded(header: header, record: record, identity: identity)
    }

    private static func decodeBody(
        _ bytes: borrowing RawSpan, _ header: RecordHeader, _ cursor: inout RecordCursor, _ layout: RecordLayout
    ) throws(RecordError) -> Record {
        switch header.type {
        case .mmap, .mmap2: return .mmap(try Mapping(bytes, header, &cursor))
        case .comm:
            let (pid, tid) = try cursor.processAndThread(bytes)
            return .comm(Comm(pid: pid, tid: tid, name: cursor.rest()))
        case .exit: return .exit(try Task(bytes, &cursor))
        case .fork: return .fork(try Task(bytes, &cursor))
        case .throttle: return .throttle(try Throttle(bytes, &cursor))
        case .unthrottle: return .unthrottle(try Throttle(bytes, &cursor))
        case .lost: return .lost(id: try cursor.word(bytes), count: try cursor.word(bytes))
        case .lostSamples: return .lostSamples(count: try cursor.word(bytes))
        case .read:
            let (pid, tid) = try cursor.processAndThread(bytes)
            let values = try ReadValues(bytes, at: &cursor, format: layout.readFormat)
            return .read(pid: pid, tid: tid, values: values)
        case .switch: return .switch
        case .switchCPUWide:
            let (pid, tid) = try cursor.processAndThread(bytes)
            return .switchCPUWide(nextOrPreviousPID: pid, nextOrPreviousTID: tid)
        default: return try decodeRareBody(bytes, header, &cursor)
        }
    }

    private static func decodeRareBody(
        _ bytes: borrowing RawSpan, _ header: RecordHeader, _ cursor: inout RecordCursor
    ) throws(RecordError) -> Record {
        switch header.type {
        case .aux:
            return .aux(
                offset: try cursor.word(bytes), size: try cursor.word(bytes), flags: try cursor.word(bytes))
        case .itraceStart:
            let (pid, tid) = try cursor.processAndThread(bytes)
            return .itraceStart(pid: pid, tid: tid)
        case .namespaces:
            let (pid, tid) = try cursor.processAndThread(bytes)
            let count = try cursor.word(bytes)
            return .namespaces(pid: pid, tid: tid, links: try cursor.array(count: count, stride: 16))
        case .ksymbol:
            return .ksymbol(
                KernelSymbolChange(
                    address: try cursor.word(bytes), length: try cursor.half(bytes), type: try cursor.short(bytes),
                    flags: try cursor.short(bytes), name: cursor.rest()))
        case .bpfEvent:
            return .bpfEvent(
                type: try cursor.short(bytes), flags: try cursor.short(bytes), id: try cursor.half(bytes),
                tag: try cursor.array(count: 8, stride: 1))
        case .cgroup: return .cgroup(id: try cursor.word(bytes), path: cursor.rest())
        case .textPoke:
            let address = try cursor.word(bytes)
            let oldCount = try cursor.short(bytes)
            let newCount = try cursor.short(bytes)
            return .textPoke(
                TextPoke(
                    address: address, oldBytes: try cursor.array(count: UInt64(oldCount), stride: 1),
                    newBytes: try cursor.array(count: UInt64(newCount), stride: 1)))
        case .auxOutputHardwareID: return .auxOutputHardwareID(try cursor.word(bytes))
        case .callchainDeferred:
            let cookie = try cursor.word(bytes)
            return .callchainDeferred(cookie: cookie, callchain: try cursor.array(count: cursor.word(bytes)))
        default: return .other(payload: cursor.rest())
        }
    }
}

extension RecordCursor {
    mutating func processAndThread(_ bytes: borrowing RawSpan) throws(RecordError) -> (Int32, Int32) {
        let (process, thread) = try pair(bytes)
        return (Int32(bitPattern: process), Int32(bitPattern: thread))
    }
}

extension Record.Mapping {
    init(_ bytes: borrowing RawSpan, _ header: RecordHeader, _ cursor: inout RecordCursor) throws(RecordError) {
        (pid, tid) = try cursor.processAndThread(bytes)
        start = try cursor.word(bytes)
        length = try cursor.word(bytes)
        fileOffset = try cursor.word(bytes)
        if header.type == .mmap2 {
            let identityStart = cursor.offset
            let (major, minor) = try cursor.pair(bytes)
            let inode = try cursor.word(bytes)
            let generation = try cursor.word(bytes)
            let (protection, flags) = try cursor.pair(bytes)
            var identity = Identity.inode(major: major, minor: minor, inode: inode, generation: generation)
            if header.misc.hasMapBuildID, let size = Self.buildIDSize(bytes, major: major, at: identityStart) {
                identity = .buildID(identityStart + 4..<identityStart + 4 + size)
            }
            version2 = Extension(identity: identity, protection: protection, flags: flags)
        }
        path = cursor.rest()
    }

    /// The size of the build ID that takes the place of the inode; `nil` if the record has the inode after all.
    ///
    /// Since 5.12, once any session on the machine asks for build IDs, the kernel sets the bit in the records of all
    /// sessions, even where the body has the inode. A build ID has its size in the first byte, then three zeros, and is
    /// padded with zeros to 20 bytes.
    private static func buildIDSize(_ bytes: borrowing RawSpan, major: UInt32, at start: Int) -> Int? {
        guard 1...20 ~= major else { return nil }
        let size = Int(major)
        for offset in size..<20 where bytes.load(UInt8.self, at: start + 4 + offset) != 0 { return nil }
        return size
    }
}

extension Record.Task {
    init(_ bytes: borrowing RawSpan, _ cursor: inout RecordCursor) throws(RecordError) {
        (pid, parentPID) = try cursor.processAndThread(bytes)
        (tid, parentTID) = try cursor.processAndThread(bytes)
        time = try cursor.word(bytes)
    }
}

extension Record.Throttle {
    init(_ bytes: borrowing RawSpan, _ cursor: inout RecordCursor) throws(RecordError) {
        time = try cursor.word(bytes)
        id = try cursor.word(bytes)
        streamID = try cursor.word(bytes)
    }
}
