internal import LinuxSystem
public import PerfRecords

/// A recording: a perf.data file, a stream or a directory.
///
/// Opening reads the header, the events and the features; `forEachRecord` then hands out the records in time order.
/// The recording is not changed, and no other file is read.
public final class PerfDataFile {
    /// The path given to `init(path:)`.
    public let path: String
    /// The events in the order of the file; `Position.event` is an index into this array.
    public var events: [RecordedEvent] { preamble.events }
    /// What the recorder stored about itself and its machine.
    public var description: SessionDescription { preamble.description }
    /// Every tracepoint whose format the recording carries.
    public var tracepoints: [TracepointFormat] { preamble.formats }
    /// Whether it is a stream, as `perf record -o -` writes one.
    public let isPipe: Bool
    /// Bytes of the whole file.
    public let size: Int
    /// Whether it is a directory, as `perf record --threads` writes one.
    public var isDirectory: Bool { !partNames.isEmpty }
    /// What was wrong with the data, known after the first `forEachRecord`; `nil` if nothing was.
    public private(set) var damage: Damage?
    /// Records whose event id the file does not name; they are skipped.
    public private(set) var unknownEventRecords = 0
    /// Samples that the latest `forEachRecord` handed out.
    public private(set) var samples = 0
    /// Whether `forEachRecord` met processor traces (Intel PT, Arm SPE and CoreSight), which are not decoded.
    public private(set) var hasAUXData = false

    /// Called by `forEachRecord` and `forEachHeader` from time to time with the bytes of `dataSize` handed out so far.
    public var onProgress: ((Int) -> Void)?
    /// Bytes of the records, after decompression.
    public var dataSize: Int { parts.reduce(0) { $0 + $1.count } }

    /// Number of compressed records in the file; `forEachHeader` and `forEachRecord` hand out their contents instead.
    package let compressedRecords: Int
    package let compressedType: RecordType
    package var isCompressed: Bool { compressedRecords > 0 }

    let file: MappedFile
    /// The file itself if `file` is its inflated data, else `nil`.
    let original: MappedFile?
    let preamble: Preamble
    /// The ranges of the records in `file`: one, or one per file of a directory, of which the first has the header.
    private let parts: [Range<Int>]
    /// The names of a directory's files; empty if the recording is not a directory.
    private let partNames: [String]
    private let table: EventTable
    /// The events' layouts, kept apart as they are read for every record: copying an event would retain its strings.
    private let layouts: [RecordLayout]

    /// Opens a recording and reads its header, events and features.
    ///
    /// A stream is first put into a nameless file in `TMPDIR` or `/tmp`, as are the inflated data of a compressed file if
    /// they exceed 64 MiB.
    /// - Parameter path: a file, a FIFO, the directory of `perf record --threads`, or `-` for standard input.
    /// - Throws: a `PerfDataError` if nothing can be read. A damaged file is read as far as possible; see `damage`.
    public convenience init(path: String) throws(PerfDataError) { try self.init(path: path, opening: nil) }

    /// - Parameter opening: the path to open if it is not `path`: that of an open descriptor (`/proc/self/fd/N`).
    package init(path: String, opening place: String?) throws(PerfDataError) {
        let directory: DataDirectory?
        let original: MappedFile
        switch try SessionSource.open(place ?? path) {
        case .file(let descriptor):
            original = try MappedFile(descriptor, path: path)
            directory = nil
        case .stream(let descriptor):
            original = try MappedFile(StreamSpool.spool(descriptor, path: path), path: path)
            directory = nil
        case .directory(let found):
            original = try MappedFile(found)
            directory = found
        }
        let header = original.parts.first ?? 0..<0
        let contents = try original.withBytes { bytes throws(PerfDataError) in
            try FileContents(bytes.extracting(header), path: directory?.headerPath ?? path)
        }
        self.path = path
        size = original.parts.reduce(0) { $0 + $1.count }
        isPipe = contents.isPipe
        damage = contents.damage
        partNames = directory?.names ?? []
        let parts = [contents.data] + original.parts.dropFirst()
        let isCompressed = original.withBytes { bytes in
            contents.mayBeCompressed && parts.contains { InflatedData.isNeeded(bytes, $0) }
        }
        guard isCompressed else {
            preamble = original.withBytes { contents.preamble.completed(by: $0, parts) }
            table = EventTable(preamble.events)
            layouts = preamble.events.map(\.layout)
            file = original
            self.original = nil
            self.parts = parts
            compressedRecords = 0
            compressedType = .compressed
            return
        }
        let output = InflatedOutput(path: path)
        var inflatedParts: [Range<Int>] = []
        var records = 0
        var type = RecordType.compressed
        var left = InflatedData.most
        for (index, part) in parts.enumerated() {
            // Each ring's file is a zstd stream of its own.
            let start = output.count
            let inflated = try original.withBytes { bytes throws(PerfDataError) in
                try InflatedData(bytes, part, path: path, to: output, left: &left)
            }
            if damage == nil, let offset = inflated.damagedOffset {
                damage = Damage(reason: inflated.isTooMuch ? .tooMuchCompressed : .invalidCompression, offset: offset)
                damage?.place(in: original.parts, names: partNames)
            }
            inflatedParts.append(start..<output.count)
            records += inflated.records
            if index == 0 || inflated.records > 0 { type = inflated.type }
        }
        compressedRecords = records
        compressedType = type
        if let inflated = try output.finish() {
            file = inflated
            self.original = consume original
        } else {
            // Nothing could be inflated.
            file = original
            self.original = nil
        }
        preamble = file.withBytes { contents.preamble.completed(by: $0, inflatedParts) }
        table = EventTable(preamble.events)
        layouts = preamble.events.map(\.layout)
        self.parts = inflatedParts
    }

    /// What is known about a record besides its bytes.
    public struct Position {
        /// Type, CPU mode and size.
        public var header: RecordHeader
        /// Index into `events`.
        public var event: Int
        /// Nanoseconds of the events' clock; 0 for a record without a time, which is handed out as soon as it is read.
        public var time: UInt64
        /// Where the record starts in the file; for a compressed file, in its inflated data.
        public var offset: Int
    }

    /// Hands every record of the kernel to `body`, oldest first. The span is valid during the call only.
    public func forEachRecord(_ body: (borrowing RawSpan, Position) -> Void) {
        let (found, delivery) = deliver(onProgress, body)
        unknownEventRecords = delivery.unknownEventRecords
        samples = delivery.samples
        hasAUXData = hasAUXData || delivery.hasAUXData
        note(found)
    }

    /// Hands out every record as `forEachRecord` does, but changes no property and reports no progress, so another
    /// thread may be in `forEachRecord` at the same time.
    package func forEachRecordAgain(_ body: (borrowing RawSpan, Position) -> Void) { _ = deliver(nil, body) }

    private func deliver(
        _ onProgress: ((Int) -> Void)?, _ body: (borrowing RawSpan, Position) -> Void
    ) -> (damage: Damage?, delivery: RecordDelivery) {
        var delivery = RecordDelivery(table, layouts, onProgress: onProgress)
        let found = file.withBytes { bytes in
            var discarded = parts.map(\.lowerBound)
            let found: Damage?
            if parts.count == 1 {
                var walk = RecordWalk(data: parts[0])
                while let (header, offset) = walk.next(bytes) {
                    if header.type == .finishedRound {
                        let held = delivery.firstHeldOffset ?? offset
                        finishRound(&delivery, &discarded, part: 0, held, bytes, body)
                    }
                    _ = delivery.take(header, offset, bytes, body)
                }
                found = walk.damage
            } else {
                var merge = RecordMerge(parts)
                // Records that the sorter still holds may be on released pages; these are then read in again.
                found = merge.run(bytes) { part, header, offset in
                    if let part {
                        finishRound(&delivery, &discarded, part: part, offset, bytes, body)
                        return 0
                    }
                    return delivery.take(header, offset, bytes, body)
                }
            }
            delivery.finish(bytes, body)
            return found
        }
        return (found, delivery)
    }

    private func finishRound(
        _ delivery: inout RecordDelivery, _ discarded: inout [Int], part: Int, _ offset: Int,
        _ bytes: borrowing RawSpan, _ body: (borrowing RawSpan, Position) -> Void
    ) {
        delivery.finishRound(bytes, body)
        // In steps, as a system call per round would cost more than it saves.
        if offset - discarded[part] > Self.discardStep {
            file.discard(from: discarded[part], upTo: offset)
            discarded[part] = offset
        }
    }

    /// Walks the records in file order, including those of the recorder, up to the first damage. `body` gets each
    /// header and its offset, as in `Position.offset`.
    public func forEachHeader(_ body: (RecordHeader, Int) -> Void) {
        var passed = 0
        for part in parts {
            var discarded = part.lowerBound
            let found = file.withBytes { bytes in
                RecordWalk(data: part).run(bytes) { header, offset in
                    body(header, offset)
                    if offset - discarded > Self.discardStep {
                        file.discard(from: discarded, upTo: offset)
                        discarded = offset
                        onProgress?(passed + offset - part.lowerBound)
                    }
                }
            }
            note(found)
            passed += part.count
        }
    }

    private func note(_ found: Damage?) {
        guard damage == nil, var found else { return }
        // Offsets in inflated data belong to no file.
        if original == nil { found.place(in: file.parts, names: partNames) }
        damage = found
    }

    /// Bytes read between two system calls that release pages.
    private static let discardStep = 2 << 20
}

/// The results of parsing a file when it is opened.
private struct FileContents {
    let isPipe: Bool
    let data: Range<Int>
    let damage: Damage?
    let preamble: Preamble
    /// A finished file of perf says in its header whether it is compressed; anything else has to be scanned.
    let mayBeCompressed: Bool

    init(_ bytes: borrowing RawSpan, path: String) throws(PerfDataError) {
        let header = try FileHeader(bytes, path: path)
        guard let section = header.data else {
            throw .invalidHeader(path: path, offset: 40, reason: "the data lie outside the file")
        }
        isPipe = header.isPipe
        let isCut = section.range.upperBound > bytes.byteCount
        let end = header.isUnfinished || isCut ? bytes.byteCount : section.range.upperBound
        data = section.offset..<max(end, section.offset)
        if header.isPipe {
            preamble = Preamble(pipe: bytes, data: data)
        } else {
            let isComplete = !header.isUnfinished && !isCut
            preamble = try Preamble(file: bytes, header: header, isComplete: isComplete, path: path)
        }
        mayBeCompressed =
            header.isPipe || header.isUnfinished || isCut || header.names(.compressed)
            || preamble.mayBeSimpleperfs
        if header.isUnfinished {
            damage = Damage(reason: .recorderDidNotFinish, offset: 40)
        } else if isCut {
            damage = Damage(reason: .truncatedFile, offset: bytes.byteCount)
        } else {
            damage = preamble.hasCutFeatures ? Damage(reason: .truncatedFeatures, offset: bytes.byteCount) : nil
        }
    }
}
