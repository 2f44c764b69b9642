import CCompression
import Glibc

/// The bytes of a perf.data file in file mode with its compressed records replaced by what they hold, inflated by libzstd
/// alone: what a search in a session's bytes has to look at.
public enum InflatedBytes {
    public struct Failure: Error { public var what: String }

    public static func of(_ path: String) throws -> [UInt8] { try of(Compiler.bytes(path)) }

    public static func of(_ file: [UInt8]) throws -> [UInt8] {
        let data = try data(of: file)
        guard let stream = ZSTD_createDStream() else { throw Failure(what: "no stream") }
        defer { ZSTD_freeDStream(stream) }
        var result = Array(file[..<data.lowerBound])
        try forEachRecord(of: file) { type, record in
            if type == 81 {
                result += try inflate(Array(file[record].dropFirst(8)), stream)
            } else {
                result += file[record]
            }
        }
        return result + file[data.upperBound...]
    }

    /// The contents of each compressed record.
    public static func contents(of file: [UInt8]) throws -> [[UInt8]] {
        guard let stream = ZSTD_createDStream() else { throw Failure(what: "no stream") }
        defer { ZSTD_freeDStream(stream) }
        var contents: [[UInt8]] = []
        try forEachRecord(of: file) { type, record in
            if type == 81 { contents.append(try inflate(Array(file[record].dropFirst(8)), stream)) }
        }
        return contents
    }

    /// Where the records are in the file, with their types.
    public static func forEachRecord(of file: [UInt8], _ body: (UInt32, Range<Int>) throws -> Void) throws {
        let data = try data(of: file)
        var offset = data.lowerBound
        while offset < data.upperBound {
            let size = Int(number(file, offset + 6, 2))
            guard size >= 8, offset + size <= data.upperBound else { throw Failure(what: "torn at \(offset)") }
            try body(UInt32(number(file, offset, 4)), offset..<offset + size)
            offset += size
        }
    }

    public static func data(of file: [UInt8]) throws -> Range<Int> {
        guard file.count > 104, file.starts(with: Array("PERFILE2".utf8)), number(file, 8, 8) == 104 else {
            throw Failure(what: "no perf.data in file mode")
        }
        let start = Int(number(file, 40, 8))
        return start..<start + Int(number(file, 48, 8))
    }

    private static func inflate(_ piece: [UInt8], _ stream: OpaquePointer) throws -> [UInt8] {
        var result: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1 << 17)
        try piece.withUnsafeBytes { source in
            var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
            while input.pos < input.size {
                let (code, count) = room.withUnsafeMutableBytes { target in
                    var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                    return (ZSTD_decompressStream(stream, &output, &input), output.pos)
                }
                guard ZSTD_isError(code) == 0 else { throw Failure(what: "not zstd") }
                result += room[..<count]
            }
        }
        guard !result.isEmpty else { throw Failure(what: "a compressed record without contents") }
        return result
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> UInt64 {
        bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
