internal import CCompression

/// Compresses bytes to gzip (RFC 1952) in pieces, with zlib.
@safe
package final class GzipStream {
    private let stream: UnsafeMutablePointer<z_stream>

    /// `nil` if out of memory.
    package init?() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 16 added to the window bits selects the gzip header (zlib.h, deflateInit2).
        let code = unsafe deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            unsafe stream.deallocate()
            return nil
        }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// The compressed output for `bytes`, which may be empty so far; `nil` if zlib fails.
    package func deflate(_ bytes: [UInt8], isLast: Bool) -> [UInt8]? {
        // zlib counts in 32 bits.
        guard let count = UInt32(exactly: bytes.count) else { return nil }
        var bytes = bytes
        var packed: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        let isFine = unsafe bytes.withUnsafeMutableBufferPointer { input in
            unsafe stream.pointee.next_in = input.baseAddress
            unsafe stream.pointee.avail_in = count
            while true {
                let (code, produced) = unsafe piece.withUnsafeMutableBufferPointer { output in
                    unsafe stream.pointee.next_out = output.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(output.count)
                    let code = unsafe CCompression.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    return (code, output.count - Int(unsafe stream.pointee.avail_out))
                }
                // Z_BUF_ERROR means there was nothing to do.
                guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { return false }
                packed += piece[..<produced]
                if code == Z_STREAM_END || (!isLast && produced < piece.count) || code == Z_BUF_ERROR { return true }
            }
        }
        unsafe stream.pointee.next_in = nil
        return isFine ? packed : nil
    }
}
