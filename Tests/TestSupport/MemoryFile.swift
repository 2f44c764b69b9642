import Glibc

/// A file without a name that is written anew for every input.
package final class MemoryFile {
    private let number: Int32
    package let path: String

    package init() throws {
        var template = Array("/tmp/spawnscope-recording-XXXXXX".utf8CString)
        number = mkstemp(&template)
        guard number >= 0 else { throw CompilerFailure(status: errno) }
        unlink(template)
        path = "/proc/self/fd/\(number)"
    }

    deinit { close(number) }

    package func write(_ bytes: [UInt8]) throws {
        guard ftruncate(number, 0) == 0,
            bytes.withUnsafeBytes({ pwrite(number, $0.baseAddress, $0.count, 0) }) == bytes.count
        else { throw CompilerFailure(status: errno) }
    }
}
