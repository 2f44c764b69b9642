internal import CCompression

/// A zstd stream that continues from one compressed record to the next: perf flushes at the end of a record, but never
/// ends the frame.
@safe
final class ZstandardStream {
    private let stream: OpaquePointer
    private let output: UnsafeMutableRawBufferPointer
    private static let pieceSize = 1 << 17

    init() throws(ZstandardError) {
        guard let created = unsafe ZSTD_createDStream() else { throw .outOfMemory }
        unsafe stream = created
        unsafe output = .allocate(byteCount: Self.pieceSize, alignment: 16)
    }

    deinit {
        unsafe ZSTD_freeDStream(stream)
        unsafe output.deallocate()
    }

    /// Inflates all of `input` and passes the output to `write` in pieces of at most 128 KiB; stops when `write`
    /// returns false.
    func inflate(_ input: borrowing RawSpan, _ write: (borrowing RawSpan) -> Bool) throws(ZstandardError) {
        let problem: ZstandardError? = unsafe input.withUnsafeBytes { bytes in
            var source = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            while true {
                var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
                let result = unsafe ZSTD_decompressStream(stream, &target, &source)
                guard ZSTD_isError(result) == 0 else { return .invalid }
                let produced = unsafe target.pos
                let piece = unsafe UnsafeRawBufferPointer(rebasing: output[..<produced])
                if produced > 0, unsafe !write(piece.bytes) { return nil }
                // If the buffer is full, more output may be pending; otherwise the input is exhausted.
                if produced < Self.pieceSize, unsafe source.pos == source.size { return nil }
            }
        }
        if let problem { throw problem }
    }
}

enum ZstandardError: Error {
    case outOfMemory
    /// Not zstd, or damaged.
    case invalid
}
