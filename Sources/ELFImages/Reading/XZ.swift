internal import CCompression

/// What xz(1) compressed, as distributions do with the symbols that they leave in stripped programs.
enum XZ {
    /// Bytes that may come out of it, besides eight times what goes in: symbols are packed 4:1.
    private static let largest = 16 << 20
    static func largest(of size: Int) -> Int { largest + 8 * size }
    /// Bytes that liblzma may take for it: `xz -9` needs 65 MiB, without options 9.
    private static let memory: UInt64 = 66 << 20

    /// `nil` where it is no xz stream, is damaged or cut, or is larger than any that is read here.
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
                // Without an end of the stream nothing more comes of it: LZMA_BUF_ERROR.
                guard result == LZMA_OK else { return false }
            }
        }
        return (isWhole ? output : nil, isTooLarge)
    }
}
