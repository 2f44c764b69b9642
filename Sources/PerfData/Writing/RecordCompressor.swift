internal import CCompression
import ByteAccess
import PerfRecords

/// Puts whole records into compressed ones, as `perf record -z` does: one zstd stream for the whole file, flushed at the
/// end of each compressed record and never ended.
@safe
package struct RecordCompressor: ~Copyable {
    /// The fastest; the next ones make sessions larger or hardly smaller.
    package static let level: Int32 = 1
    /// Bytes of records that are compressed at once. However little that saves, the result fits into one record, whose
    /// size has 16 bits.
    package static let largestPiece = 65_024
    /// What perf allocates for the contents of one record. It never returns if that is filled to the last byte.
    package static let largestContents: UInt32 = 1 << 17

    private let stream: OpaquePointer
    private let room: UnsafeMutableRawBufferPointer
    /// Bytes before and after.
    package private(set) var plainSize: UInt64 = 0
    package private(set) var size: UInt64 = 0

    /// `nil` if out of memory.
    package init?() {
        guard let created = unsafe ZSTD_createCCtx() else { return nil }
        unsafe stream = created
        unsafe room = .allocate(byteCount: ZSTD_compressBound(Self.largestPiece), alignment: 16)
        _ = unsafe ZSTD_CCtx_setParameter(stream, ZSTD_c_compressionLevel, Self.level)
    }

    deinit {
        unsafe ZSTD_freeCCtx(stream)
        unsafe room.deallocate()
    }

    /// Appends one compressed record with `records`, which are at most `largestPiece` bytes. False if out of memory.
    package mutating func compress(_ records: [UInt8], to output: inout [UInt8]) -> Bool {
        let produced: Int? = unsafe records.withUnsafeBytes { bytes in
            var source = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var target = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
            // 0: all is written.
            guard unsafe ZSTD_compressStream2(stream, &target, &source, ZSTD_e_flush) == 0 else { return nil }
            return unsafe target.pos
        }
        guard let produced else { return false }
        let padding = Self.padding(produced, of: records.count)
        let total = RecordHeader.size + produced + padding
        output.store(RecordType.compressed.rawValue)
        output.store(UInt16(0))
        output.store(UInt16(total))
        unsafe output.append(contentsOf: UnsafeRawBufferPointer(rebasing: room[..<produced]))
        output.append(contentsOf: repeatElement(0, count: padding))
        plainSize &+= UInt64(records.count)
        size &+= UInt64(total)
        return true
    }

    /// Zeros behind what zstd wrote, in threes, which are empty blocks: the next record then starts at a multiple of 8,
    /// as newer perfs' own do, and no record unpacks to more than readers accept.
    static func padding(_ size: Int, of plainSize: Int) -> Int {
        var padding = 0
        while !(size + padding).isMultiple(of: 8) || (size + padding) * InflatedData.mostForByte < plainSize {
            padding += 3
        }
        return padding
    }

    /// HEADER_COMPRESSED: version (perf writes 0, and hotspot wants it), kind (zstd), level, ratio, and the size of the
    /// largest contents.
    package var feature: [UInt8] {
        var bytes: [UInt8] = []
        let ratio = size == 0 ? 1 : max(1, (plainSize + size / 2) / size)
        for value in [0, 1, UInt32(Self.level), UInt32(clamping: ratio), Self.largestContents] { bytes.store(value) }
        return bytes
    }
}
