import ByteAccess
import Glibc
import PerfRecords

/// A copy of a recording's data in a temporary file, with the compressed records (`perf record -z`) replaced by their
/// contents, so that later code need not deal with compression.
///
/// A record may start in one compressed record and end in the next. The incomplete start is held back until the rest
/// arrives, so that data between the two compressed records never end up inside a record.
struct InflatedData {
    private let output: Int32
    private var torn: [UInt8] = []
    private(set) var written = 0
    private var failure: Int32 = 0
    /// File offset of a damaged compressed record; the data before it are used.
    private(set) var damagedOffset: Int?
    /// Number of compressed records found, and their type.
    private(set) var records = 0
    private(set) var type = RecordType.compressed

    /// The inflated data exceeded the limit of `most` bytes plus `mostForByte` per compressed byte. perf's recordings
    /// reach a ratio of 5:1; one far beyond that is an attack on the disk.
    private(set) var isTooMuch = false
    static let most = 64 << 20
    static let mostForByte = 64

    /// Whether the data contain compressed records.
    static func isNeeded(_ bytes: borrowing RawSpan, _ data: Range<Int>) -> Bool {
        var found = false
        _ = RecordWalk(data: data).run(bytes) { header, _ in
            if header.type == .compressed || header.type == .compressed2 { found = true }
        }
        return found
    }

    /// Writes the inflated data to `output`, a descriptor that the caller owns. `left`: bytes that the recording's
    /// compressed records may still yield.
    init(
        _ bytes: borrowing RawSpan, _ data: Range<Int>, path: String, to output: Int32, left: inout Int
    ) throws(PerfDataError) {
        self.output = output
        let stream: ZstandardStream
        do throws(ZstandardError) {
            stream = try ZstandardStream()
        } catch {
            throw .unreadable(path: path, errno: ENOMEM)
        }
        var copied = data.lowerBound
        _ = RecordWalk(data: data).run(bytes) { header, offset in
            guard header.type == .compressed || header.type == .compressed2, failure == 0, damagedOffset == nil else {
                return
            }
            records += 1
            type = header.type
            append(bytes.extracting(copied..<offset))
            copied = offset + header.size
            let payload = Self.payload(header, bytes, offset)
            do throws(ZstandardError) {
                left += payload.count * Self.mostForByte
                try stream.inflate(bytes.extracting(payload)) { piece in
                    left -= piece.byteCount
                    guard left >= 0 else { return false }
                    appendRecords(piece)
                    return failure == 0 && !isNonsense
                }
                isTooMuch = left < 0
                if isTooMuch || isNonsense { damagedOffset = offset }
            } catch {
                damagedOffset = offset
            }
        }
        if damagedOffset == nil { append(bytes.extracting(copied..<data.upperBound)) }
        guard failure == 0 else { throw .notSpooled(path: path, directory: StreamSpool.directory, errno: failure) }
    }

    /// COMPRESSED holds only the stream; COMPRESSED2 holds the stream's length, the stream and padding.
    private static func payload(_ header: RecordHeader, _ bytes: borrowing RawSpan, _ offset: Int) -> Range<Int> {
        let end = offset + header.size
        guard header.type == .compressed2 else { return offset + 8..<end }
        guard header.size >= 16, let size = bytes.load(UInt64.self, at: offset + 8).flatMap(Int.init(exactly:)) else {
            return end..<end
        }
        return offset + 16..<offset + 16 + min(max(size, 0), header.size - 16)
    }

    /// Writes the whole records in `torn` followed by `piece`, and keeps the rest in `torn`.
    private mutating func appendRecords(_ piece: borrowing RawSpan) {
        var joined = torn
        torn = []
        joined.append(piece)
        var whole = 0
        let span = unsafe joined.span.bytes
        while let header = RecordHeader(decoding: span, at: whole), header.size >= RecordHeader.size,
            whole + header.size <= joined.count
        {
            whole += header.size
        }
        append(span.extracting(0..<whole))
        torn = Array(joined[whole...])
    }

    /// Whether `torn` is too long to be the start of a record, which has at most 65,535 bytes.
    private var isNonsense: Bool { torn.count > 1 << 16 }

    private mutating func append(_ span: borrowing RawSpan) {
        var done = 0
        while done < span.byteCount, failure == 0 {
            let count = unsafe span.withUnsafeBytes { bytes in
                unsafe write(output, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
            }
            if count > 0 { done += count } else if errno != EINTR { failure = errno }
        }
        written += done
    }
}
