import ByteAccess
import PerfRecords

/// What simpleperf writes among the records where perf has features, or nothing: the formats of tracepoints, the kernel's symbols, and
/// the ids of events that were opened later, on CPUs that came up (system/extras/simpleperf/record.h).
///
/// What is longer than a record may be for perf stands in SPLIT records, whose contents together are the record, and a SPLIT_END.
struct SimpleperfRecords {
    private(set) var tracingData: [UInt8]?
    private(set) var kernelSymbols: [UInt8]?
    private(set) var ids: [(event: UInt64, id: UInt64)] = []
    /// Of SPLIT records; `nil` where they are too many, up to their end.
    private var pieces: [UInt8]? = []

    /// Bytes: an Android kernel's symbols take some 15 MB, its tracepoints 4.
    private static let mostBytes = 128 << 20
    private static let mostIDs = 1 << 20

    init(_ bytes: borrowing RawSpan, _ parts: [Range<Int>]) {
        for part in parts {
            _ = RecordWalk(data: part).run(bytes) { header, offset in
                switch header.type {
                case .split: append(bytes, offset + RecordHeader.size..<offset + header.size)
                case .splitEnd:
                    if let pieces, !pieces.isEmpty {
                        let joined = unsafe pieces.span.bytes
                        if let header = RecordHeader(decoding: joined), header.size == pieces.count {
                            take(header, joined, 0)
                        }
                    }
                    pieces = []
                default:
                    pieces = []
                    if !header.type.isFromKernel { take(header, bytes, offset) }
                }
            }
        }
    }

    private mutating func append(_ bytes: borrowing RawSpan, _ range: Range<Int>) {
        guard let held = pieces?.count, held + range.count <= Self.mostBytes else {
            pieces = nil
            return
        }
        pieces?.append(bytes, in: range)
    }

    private mutating func take(_ header: RecordHeader, _ bytes: borrowing RawSpan, _ offset: Int) {
        let payload = offset + RecordHeader.size
        let end = offset + header.size
        switch header.type {
        case .headerTracingData, .tracingData: tracingData = tracingData ?? Self.text(bytes, payload, end)
        case .kernelSymbols: kernelSymbols = kernelSymbols ?? Self.text(bytes, payload, end)
        case .eventIDs:
            let count = bytes.load(UInt64.self, at: payload) ?? 0
            let room = (end - payload - 8) / 16
            for index in 0..<min(Int(clamping: count), max(room, 0)) where ids.count < Self.mostIDs {
                let place = payload + 8 + 16 * index
                guard let event = bytes.load(UInt64.self, at: place), let id = bytes.load(UInt64.self, at: place + 8)
                else { return }
                ids.append((event, id))
            }
        default: break
        }
    }

    /// A `u32` size, then so many bytes.
    private static func text(_ bytes: borrowing RawSpan, _ start: Int, _ end: Int) -> [UInt8]? {
        guard end - start >= 4, let size = bytes.load(UInt32.self, at: start), size > 0, Int(size) <= end - start - 4,
            Int(size) <= mostBytes
        else { return nil }
        return bytes.bytes(in: start + 4..<start + 4 + Int(size))
    }
}
