internal import CCompression

/// Decompression of xz streams, in which distributions keep the symbols of stripped programs.
enum XZ {
    /// Bytes of output allowed, in addition to eight times the input: symbols compress about 4:1.
    private static let largest = 16 << 20
    static func largest(of size: Int) -> Int { largest + 8 * size }
    /// Memory that liblzma may use, in bytes: streams of `xz -9` need 65 MiB, those of the default level 9 MiB.
    private static let memory: UInt64 = 66 << 20

    /// The decompressed bytes; `nil` if the input is not an xz stream, is damaged or cut, or unpacks to too much.
    static func decompressed(_ input: [UInt8]) -> (bytes: [UInt8]?, isTooLarge: Bool) {
        let largest = largest(of: input.count)
        var isTooLarge = false
        // LZMA_STREAM_INIT is all zeros.
        var stream = unsafe lzma_stream()
        guard unsafe lzma_stream_decoder(&stream, memory, 0) == LZMA_OK else {
            return (nil, false)
        }
        defer { unsafe lzma_end(&stream) }
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        let isWhole = unsafe input.withUnsafeBufferPointer { source in
            unsafe stream.next_in = source.baseAddress
            unsafe stream.avail_in = source.count
            while true {
                let result = unsafe piece.withUnsafeMutableBufferPointer { target in
                    unsafe stream.next_out = target.baseAddress
                    unsafe stream.avail_out = target.count
                    return unsafe lzma_code(&stream, LZMA_FINISH)
                }
                let produced = unsafe piece.count - stream.avail_out
                guard produced <= largest - output.count else {
                    isTooLarge = true
                    return false
                }
                output += piece[..<produced]
                if result == LZMA_STREAM_END { return true }
                // LZMA_BUF_ERROR: the input ended before the stream did.
                guard result == LZMA_OK else { return false }
            }
        }
        return (isWhole ? output : nil, isTooLarge)
    }
}
