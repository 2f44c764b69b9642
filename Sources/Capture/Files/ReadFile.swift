import Glibc
import LinuxSystem
import PerfData

/// All of a small file, as procfs and tracefs have them: their size is unknown before they are read.
///
/// Reading stops at `limit` bytes.
func readFile(_ path: String, limit: Int = 1 << 24) throws(SystemErrorCode) -> [UInt8] {
    let number = try retryingInterrupts { unsafe open(path, O_RDONLY | O_CLOEXEC) }
    let file = OwnedDescriptor(number)
    var content: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16384)
    while content.count < limit {
        let count = try retryingInterrupts {
            unsafe piece.withUnsafeMutableBytes { unsafe read(file.number, $0.baseAddress, $0.count) }
        }
        if count == 0 { break }
        content += piece[..<count]
    }
    return content
}

/// A number in a file of its own, as in /proc/sys.
func readNumber(_ path: String) -> Int? {
    guard let content = try? readFile(path, limit: 64) else { return nil }
    let text = content.prefix { $0 != UInt8(ascii: "\n") }
    return Int(String(decoding: text, as: UTF8.self))
}
