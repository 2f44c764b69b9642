import ByteAccess
import PerfRecords

/// A section of the file: `struct perf_file_section`.
struct FileSection: Hashable, Sendable {
    var offset: Int
    var size: Int
    var range: Range<Int> { offset..<offset + size }

    /// `nil` if the two words do not form a range of non-negative Ints. The range may lie outside the file.
    init?(offset: UInt64, size: UInt64) {
        guard let offset = Int(exactly: offset), let size = Int(exactly: size),
            !offset.addingReportingOverflow(size).overflow
        else { return nil }
        self.offset = offset
        self.size = size
    }

    init?(_ bytes: borrowing RawSpan, at position: Int) {
        guard let offset = bytes.load(UInt64.self, at: position), let size = bytes.load(UInt64.self, at: position + 8)
        else { return nil }
        self.init(offset: offset, size: size)
    }
}

/// `struct perf_file_header` of a file, or the 16 bytes that start a pipe's stream
/// (tools/perf/Documentation/perf.data-file-format.txt).
struct FileHeader {
    static let size = 104
    static let pipeSize = 16

    var isPipe: Bool
    /// Bytes of one attribute entry: the attr struct and the section of its ids.
    var attributeSize = 0
    var attributes: FileSection?
    var data: FileSection?
    /// Four words, a bit per feature.
    var features: [UInt64] = []
    /// The data's size was never filled in.
    var isUnfinished = false

    private enum Magic {
        /// "PERFILE2", "PERFFILE" (2009), and "PERFILE2" written by a big-endian machine.
        static let version2: [UInt8] = Array("PERFILE2".utf8)
        static let version1: [UInt8] = Array("PERFFILE".utf8)
        static let swapped: [UInt8] = Array("2ELIFREP".utf8)
    }

    /// Whether a finished file has this feature; its section may be damaged or missing.
    func names(_ feature: Feature) -> Bool {
        let (word, bit) = feature.rawValue.quotientAndRemainder(dividingBy: 64)
        return features.indices.contains(word) && features[word] >> UInt64(bit) & 1 == 1
    }

    static let magicSize = 8

    /// Whether `prefix`, up to 8 bytes, can be the start of a perf.data file.
    static func isMagic(prefix: [UInt8]) -> Bool {
        [Magic.version2, Magic.version1, Magic.swapped].contains { $0.starts(with: prefix) }
    }

    init(_ bytes: borrowing RawSpan, path: String) throws(PerfDataError) {
        let magic = bytes.bytes(in: 0..<8)
        guard magic != Magic.swapped else { throw .bigEndian(path: path) }
        guard magic == Magic.version2 || magic == Magic.version1, let size = bytes.load(UInt64.self, at: 8) else {
            throw .foreign(path: path)
        }
        if size == UInt64(Self.pipeSize) {
            isPipe = true
            data = FileSection(offset: UInt64(Self.pipeSize), size: UInt64(bytes.byteCount - Self.pipeSize))
            return
        }
        isPipe = false
        guard size >= UInt64(Self.size), bytes.byteCount >= Self.size else {
            throw .invalidHeader(path: path, offset: 8, reason: "the header says that it has \(size) bytes")
        }
        guard let entry = bytes.load(UInt64.self, at: 16).flatMap(Int.init(exactly:)), entry >= 80, entry <= 65_536
        else { throw .invalidHeader(path: path, offset: 16, reason: "the size of an attribute is out of bounds") }
        attributeSize = entry
        guard let attributes = FileSection(bytes, at: 24), attributes.range.upperBound <= bytes.byteCount else {
            throw .invalidHeader(path: path, offset: 24, reason: "the attributes lie outside the file")
        }
        self.attributes = attributes
        guard let data = FileSection(bytes, at: 40), data.offset >= Self.size, data.offset <= bytes.byteCount else {
            throw .invalidHeader(path: path, offset: 40, reason: "the data lie outside the file")
        }
        isUnfinished = data.size == 0 && data.offset < bytes.byteCount
        self.data = data
        features = (0..<4).map { bytes.load(UInt64.self, at: 72 + 8 * $0) ?? 0 }
    }
}
