internal import LinuxSystem
public import PerfRecords

/// A recording: a perf.data file, a stream or a directory.
///
/// Opening reads the header, the events and the features; `forEachRecord` then hands out the records, in the order of
/// their times. The file is not changed and no other is looked at.
public final class PerfDataFile {
    /// As it was given to `init(path:)`.
    public let path: String
    /// The events, in the order of the file; `Position.event` counts from 0 in it.
    public var events: [RecordedEvent] { preamble.events }
    /// What the recorder said of itself and its machine.
    public var description: SessionDescription { preamble.description }
    /// Every tracepoint whose format the recording carries.
    public var tracepoints: [TracepointFormat] { preamble.formats }
    /// Whether it is a stream, as `perf record -o -` writes one.
    public let isPipe: Bool
    /// Bytes of the whole file.
    public let size: Int
    /// Whether it is a directory, as `perf record --threads` writes one.
    public var isDirectory: Bool { !partNames.isEmpty }
    /// What was wrong with the data, known after the first `forEachRecord`; `nil` when nothing was.
    public private(set) var damage: Damage?
    /// Records whose event id the file does not name; they are skipped.
    public private(set) var unknownEventRecords = 0
    /// Samples that the latest `forEachRecord` handed out.
    public private(set) var samples = 0
    /// There are traces of a processor (Intel PT, Arm SPE and CoreSight), which are not decoded.
    public private(set) var hasAUXData = false

    /// Told now and then how many bytes of `dataSize` have been handed out, by `forEachRecord` and `forEachHeader`.
    public var onProgress: ((Int) -> Void)?
    /// Bytes of the records, inflated where they were compressed.
    public var dataSize: Int { parts.reduce(0) { $0 + $1.count } }

    /// Compressed records of the file, whose contents `forEachHeader` and `forEachRecord` hand out in their place.
    package let compressedRecords: Int
    package let compressedType: RecordType

    let file: MappedFile
    /// The file itself where `file` is its inflated data.
    let original: MappedFile?
    let preamble: Preamble
    /// Where the records lie: of one file, or of each of a directory's, in whose first is the header.
    private let parts: [Range<Int>]
    /// What the files are called; empty for one.
    private let partNames: [String]
    private let table: EventTable
    /// The events' layouts by themselves: looked at for every record, where an event's strings would be counted.
    private let layouts: [RecordLayout]

    /// Opens a recording and reads its header, events and features.
    ///
    /// A stream, and what compressed records hold, are put into a nameless temporary file in `TMPDIR` or `/tmp` first.
    /// - Parameter path: a file, a FIFO, the directory of `perf record --threads`, or `-` for standard input.
    /// - Throws: a `PerfDataError` where nothing can be read. What is merely damaged is read as far as it goes; see `damage`.
    public convenience init(path: String) throws(PerfDataError) { try self.init(path: path, opening: nil) }

    /// - Parameter opening: where it is to be had, where that is another place: the name of an open descriptor (`/proc/self/fd/N`).
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
        let spool = try StreamSpool.temporaryFile(for: path)
        var inflatedParts: [Range<Int>] = []
        var records = 0
        var type = RecordType.compressed
        var left = InflatedData.most
        for (index, part) in parts.enumerated() {
            // Each ring's is a stream of its own.
            let inflated = try original.withBytes { bytes throws(PerfDataError) in
                try InflatedData(bytes, part, path: path, to: spool.number, left: &left)
            }
            if damage == nil, let offset = inflated.damagedOffset {
                damage = Damage(reason: inflated.isTooMuch ? .tooMuchCompressed : .invalidCompression, offset: offset)
                damage?.place(in: original.parts, names: partNames)
            }
            let start = inflatedParts.last?.upperBound ?? 0
            inflatedParts.append(start..<start + inflated.written)
            records += inflated.records
            if index == 0 || inflated.records > 0 { type = inflated.type }
        }
        compressedRecords = records
        compressedType = type
        // Nothing came out of it: there is nothing to map.
        if inflatedParts.allSatisfy(\.isEmpty) {
            file = original
            self.original = nil
        } else {
            file = try MappedFile(spool, path: path)
            self.original = consume original
        }
        preamble = file.withBytes { contents.preamble.completed(by: $0, inflatedParts) }
        table = EventTable(preamble.events)
        layouts = preamble.events.map(\.layout)
        self.parts = inflatedParts
    }

    /// What is known of a record besides its bytes.
    public struct Position {
        /// Type, CPU mode and size.
        public var header: RecordHeader
        /// Index into `events`.
        public var event: Int
        /// Nanoseconds of the events' clock; 0 for a record without a time, which comes before those around it.
        public var time: UInt64
        /// Where the record starts in the file; in a compressed one, in its inflated data.
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

    /// Hands out every record as `forEachRecord` does, and notes and tells nothing of it: another thread may be in that meanwhile.
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
                // What the sorter still holds is merely read again where its page was given back.
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
        // In steps: a system call a round would cost more than the pages are worth.
        if offset - discarded[part] > Self.discardStep {
            file.discard(from: discarded[part], upTo: offset)
            discarded[part] = offset
        }
    }

    /// Walks the records in file order, those of the recorder included, as far as they hold together. `body` gets each header
    /// and its offset, as in `Position.offset`.
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
        // Of inflated data there are no files to name.
        if original == nil { found.place(in: file.parts, names: partNames) }
        damage = found
    }

    /// Bytes read between two system calls that give the pages back.
    private static let discardStep = 2 << 20
}

/// What opening works out from the bytes.
private struct FileContents {
    let isPipe: Bool
    let data: Range<Int>
    let damage: Damage?
    let preamble: Preamble
    /// A file of perf says so in its header, unless the recorder was killed; a stream has to be looked through.
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
            header.isPipe || header.isUnfinished || isCut || preamble.description.isCompressed
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
