import ByteAccess
import PerfRecords

/// What simpleperf writes among the records, and perf as features or not at all: the formats of tracepoints, the
/// kernel's symbols, and the ids of events opened on CPUs that came online (system/extras/simpleperf/record.h).
///
/// A record too long for perf is split: SPLIT records hold its bytes, and a SPLIT_END follows them.
struct SimpleperfRecords {
    private(set) var tracingData: [UInt8]?
    private(set) var kernelSymbols: [UInt8]?
    private(set) var ids: [(event: UInt64, id: UInt64)] = []
    /// The contents of the SPLIT records so far; `nil` until their end once they exceed `mostBytes`.
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

    /// The bytes after a `u32` size; `nil` if the size is 0 or too large.
    private static func text(_ bytes: borrowing RawSpan, _ start: Int, _ end: Int) -> [UInt8]? {
        guard end - start >= 4, let size = bytes.load(UInt32.self, at: start), size > 0, Int(size) <= end - start - 4,
            Int(size) <= mostBytes
        else { return nil }
        return bytes.bytes(in: start + 4..<start + 4 + Int(size))
    }
}
