import ByteAccess
import PerfRecords

/// One pass over a file's records: they enter the sorter in file order and leave it in time order.
///
/// It is a struct because it runs for every record: the compiler would put variables captured by closures on the heap
/// and check exclusivity at each access.
struct RecordDelivery {
    /// Position of the time in an event's records: only the needed fields of its layout, so that copies stay cheap.
    private struct TimePlace {
        let inSample: Int
        let fromEnd: Int
        let identitySize: Int

        init(_ layout: RecordLayout) {
            inSample = layout.sampleTimeOffset
            fromEnd = layout.trailingTimeDistance
            identitySize = layout.identitySize
        }

        @inline(__always)
        func time(_ header: RecordHeader, _ bytes: borrowing RawSpan, _ start: Int) -> UInt64 {
            if header.type == .sample {
                guard inSample >= 0, inSample &+ 8 <= header.size else { return 0 }
                return bytes.load(UInt64.self, at: start &+ inSample) ?? 0
            }
            guard fromEnd > 0, header.type.isFromKernel, header.size >= RecordHeader.size &+ identitySize else {
                return 0
            }
            return bytes.load(UInt64.self, at: start &+ header.size &- fromEnd) ?? 0
        }
    }

    private let table: EventTable
    private let times: [TimePlace]
    private var sorter = RecordSorter()
    private(set) var unknownEventRecords = 0
    private(set) var samples = 0
    private(set) var hasAUXData = false
    /// Bytes of records delivered. Records in the sorter do not count yet, as delivery is the main work.
    private var delivered = 0
    private var told = 0
    private let onProgress: ((Int) -> Void)?
    /// Bytes between two calls of `onProgress`: about ten calls a second.
    private static let progressStep = 4 << 20

    init(_ table: EventTable, _ layouts: [RecordLayout], onProgress: ((Int) -> Void)?) {
        self.table = table
        self.onProgress = onProgress
        times = layouts.map(TimePlace.init)
    }

    /// Passes a kernel record to the sorter or delivers it at once, and skips others. Returns the time, 0 for none.
    @inline(__always)
    mutating func take(
        _ header: RecordHeader, _ offset: Int, _ bytes: borrowing RawSpan,
        _ body: (borrowing RawSpan, PerfDataFile.Position) -> Void
    ) -> UInt64 {
        guard header.type.isFromKernel else {
            if header.type == .auxtrace { hasAUXData = true }
            return 0
        }
        guard let event = table.event(of: header.type, in: bytes.extracting(offset..<offset &+ header.size)) else {
            unknownEventRecords &+= 1
            return 0
        }
        if header.type == .sample { samples &+= 1 }
        let time = times[event].time(header, bytes, offset)
        // Without a time (old files, records that perf synthesised) a record cannot be sorted: deliver it at once.
        if time == 0 || time == .max {
            deliver(offset, event, bytes, body)
        } else {
            sorter.append(time: time, offset: offset, event: event)
        }
        return time
    }

    /// The lowest file offset of the records that the sorter still holds.
    var firstHeldOffset: Int? { sorter.firstHeldOffset() }

    mutating func finishRound(_ bytes: borrowing RawSpan, _ body: (borrowing RawSpan, PerfDataFile.Position) -> Void) {
        deliver(sorter.finishRound(), bytes, body)
    }

    mutating func finish(_ bytes: borrowing RawSpan, _ body: (borrowing RawSpan, PerfDataFile.Position) -> Void) {
        deliver(sorter.finish(), bytes, body)
    }

    private mutating func deliver(
        _ count: Int, _ bytes: borrowing RawSpan, _ body: (borrowing RawSpan, PerfDataFile.Position) -> Void
    ) {
        for index in 0..<count {
            let (offset, event) = sorter[index]
            deliver(offset, event, bytes, body)
        }
        sorter.removeFirst(count)
    }

    @inline(__always)
    private mutating func deliver(
        _ offset: Int, _ event: Int, _ bytes: borrowing RawSpan,
        _ body: (borrowing RawSpan, PerfDataFile.Position) -> Void
    ) {
        // The header is read and checked again, as the file may have been changed since.
        guard let header = RecordHeader(decoding: bytes, at: offset), header.size >= RecordHeader.size,
            header.size <= bytes.byteCount &- offset
        else { return }
        let time = times[event].time(header, bytes, offset)
        body(
            bytes.extracting(offset..<offset &+ header.size),
            PerfDataFile.Position(header: header, event: event, time: time, offset: offset))
        delivered &+= header.size
        if delivered &- told >= Self.progressStep {
            told = delivered
            onProgress?(delivered)
        }
    }
}
