import Glibc

/// A directory for `s.data`, which goes with the test.
public final class WriterDirectory {
    public let path: String

    public init() throws {
        var template = Array("/tmp/spawnscope-writer-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CompilerFailure(status: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in ["s.data", "s.data.old", "link"] { unlink(path + "/" + name) }
        rmdir(path)
    }

    public static func read(_ path: String) -> [UInt8] {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(number) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = Glibc.read(number, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }
}
