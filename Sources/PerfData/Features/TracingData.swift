import ByteAccess
import PerfRecords

/// The formats in a session's copy of tracefs (feature TRACING_DATA, in the format of trace-cmd.dat(5)).
///
/// Only the event formats are kept. Every length is checked, and reading stops at the first invalid one.
struct TracingData {
    private(set) var formats: [TracepointFormat] = []

    init(_ bytes: borrowing RawSpan, _ section: FileSection) {
        var cursor = FeatureCursor(section)
        let magic: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing".utf8)
        guard bytes.bytes(in: cursor.offset..<cursor.offset + magic.count) == magic else { return }
        cursor.offset += magic.count
        guard cursor.terminatedString(bytes) != nil else { return }
        // Byte order, size of a long, page size.
        guard let isBigEndian = bytes.load(UInt8.self, at: cursor.offset), isBigEndian == 0 else { return }
        cursor.offset += 2
        guard cursor.half(bytes) != nil else { return }
        for _ in 0..<2 {
            // header_page and header_event: a name, a size and a text, which are not needed here.
            guard cursor.terminatedString(bytes) != nil, cursor.text(bytes) != nil else { return }
        }
        guard let ftraceCount = cursor.half(bytes) else { return }
        for _ in 0..<ftraceCount {
            guard cursor.text(bytes) != nil else { return }
        }
        guard let systemCount = cursor.half(bytes) else { return }
        for _ in 0..<systemCount {
            guard let system = cursor.terminatedString(bytes), let count = cursor.half(bytes) else { return }
            for _ in 0..<count {
                guard let text = cursor.text(bytes) else { return }
                if let format = TracepointFormat(system: system, text: text) { formats.append(format) }
            }
        }
    }
}

extension FeatureCursor {
    fileprivate mutating func terminatedString(_ bytes: borrowing RawSpan) -> String? {
        guard offset < end else { return nil }
        let length = bytes.stringLength(in: offset..<end)
        guard length < end - offset else { return nil }
        defer { offset += length + 1 }
        return bytes.string(in: offset..<offset + length)
    }

    /// A `u64` size, then that many bytes.
    fileprivate mutating func text(_ bytes: borrowing RawSpan) -> String? {
        guard let size = word(bytes).flatMap(Int.init(exactly:)), size <= end - offset else { return nil }
        defer { offset += size }
        return bytes.string(in: offset..<offset + size)
    }
}
