import ByteAccess
import Glibc
import PerfRecords

/// Copies a recording's data with the compressed records (`perf record -z`, packed sessions) replaced by their contents,
/// so that later code need not deal with compression.
///
/// A record may start in one compressed record and end in the next. The incomplete start is held back until the rest
/// arrives, so that data between the two compressed records never end up inside a record.
struct InflatedData {
    private let output: InflatedOutput
    private var torn: [UInt8] = []
    /// A record in the inflated data says that it is smaller than its header.
    private var isNonsense = false
    /// File offset of a damaged compressed record; the data before it are used.
    private(set) var damagedOffset: Int?
    /// Number of compressed records found, and their type.
    private(set) var records = 0
    private(set) var type = RecordType.compressed

    /// The inflated data exceeded the limit of `most` bytes plus `mostForByte` per compressed byte. perf's recordings
    /// reach a ratio of 5:1, packed sessions one of 10:1; one far beyond that is an attack on the disk.
    private(set) var isTooMuch = false
    static let most = 64 << 20
    static let mostForByte = 64

    /// Whether the data contain compressed records.
    static func isNeeded(_ bytes: borrowing RawSpan, _ data: Range<Int>) -> Bool {
        var walk = RecordWalk(data: data)
        while let (header, _) = walk.next(bytes) {
            if header.type == .compressed || header.type == .compressed2 { return true }
        }
        return false
    }

    /// Appends the inflated data to `output`. `left`: bytes that the recording's compressed records may still yield.
    init(
        _ bytes: borrowing RawSpan, _ data: Range<Int>, path: String, to output: InflatedOutput, left: inout Int
    ) throws(PerfDataError) {
        self.output = output
        let stream: ZstandardStream
        do throws(ZstandardError) {
            stream = try ZstandardStream()
        } catch {
            throw .unreadable(path: path, errno: ENOMEM)
        }
        var copied = data.lowerBound
        var last = data.lowerBound
        _ = RecordWalk(data: data).run(bytes) { header, offset in
            guard header.type == .compressed || header.type == .compressed2, output.failure == nil, damagedOffset == nil
            else { return }
            records += 1
            type = header.type
            output.append(bytes.extracting(copied..<offset))
            copied = offset + header.size
            last = offset
            let payload = Self.payload(header, bytes, offset)
            do throws(ZstandardError) {
                left += payload.count * Self.mostForByte
                try stream.inflate(bytes.extracting(payload)) { piece in
                    left -= piece.byteCount
                    guard left >= 0 else { return false }
                    appendRecords(piece)
                    return output.failure == nil && !isNonsense
                }
                isTooMuch = left < 0
                if isTooMuch || isNonsense { damagedOffset = offset }
            } catch {
                damagedOffset = offset
            }
        }
        if damagedOffset == nil {
            if !torn.isEmpty { damagedOffset = last }
            output.append(bytes.extracting(copied..<data.upperBound))
        }
        if let failure = output.failure { throw failure }
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

    /// Passes on the whole records in `torn` and `piece`, and keeps the start of the next in `torn`.
    private mutating func appendRecords(_ piece: borrowing RawSpan) {
        let start = torn.isEmpty ? 0 : completeTorn(from: piece)
        var end = start
        while !isNonsense, let header = RecordHeader(decoding: piece, at: end) {
            isNonsense = header.size < RecordHeader.size
            guard !isNonsense, header.size <= piece.byteCount - end else { break }
            end += header.size
        }
        output.append(piece.extracting(start..<end))
        torn.append(piece, in: end..<piece.byteCount)
    }

    /// Adds what `torn` lacks of its record, and passes it on if that is all of it; returns how many bytes that took.
    private mutating func completeTorn(from piece: borrowing RawSpan) -> Int {
        // The rest of its header first, which tells its size.
        var taken = min(max(0, RecordHeader.size - torn.count), piece.byteCount)
        torn.append(piece, in: 0..<taken)
        guard let header = unsafe RecordHeader(decoding: torn.span.bytes, at: 0) else { return taken }
        isNonsense = header.size < RecordHeader.size
        guard !isNonsense else { return taken }
        let missing = min(header.size - torn.count, piece.byteCount - taken)
        torn.append(piece, in: taken..<taken + missing)
        taken += missing
        if torn.count == header.size {
            unsafe output.append(torn.span.bytes)
            torn.removeAll(keepingCapacity: true)
        }
        return taken
    }
}
