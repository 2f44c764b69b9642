import Glibc

/// A file without a name that holds an input; the path leads to it as long as the value lives.
final class FuzzFile {
    private let number: Int32
    var path: String { "/proc/self/fd/\(number)" }

    init(_ bytes: [UInt8] = []) {
        var template = Array((FuzzDirectory.place + "/spawnscope-fuzz-XXXXXX").utf8CString)
        number = mkstemp(&template)
        precondition(number >= 0, "no temporary file in \(FuzzDirectory.place)")
        unlink(template)
        bytes.withUnsafeBytes { buffer in
            precondition(Glibc.write(number, buffer.baseAddress, buffer.count) == buffer.count)
        }
    }

    deinit { close(number) }

    var bytes: [UInt8] {
        var status = stat()
        guard fstat(number, &status) == 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: status.st_size)
        let count = pread(number, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }
}

/// A FIFO without a name that an input was written into, and that ends behind it.
final class FuzzPipe {
    private let number: Int32
    var path: String { "/proc/self/fd/\(number)" }
    /// Of a pipe, in bytes (pipe(7)); more would block.
    static let capacity = 1 << 16

    init(_ bytes: [UInt8]) {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0)
        number = ends[0]
        bytes.prefix(Self.capacity).withUnsafeBytes { _ = Glibc.write(ends[1], $0.baseAddress, $0.count) }
        close(ends[1])
    }

    deinit { close(number) }
}

/// A directory for the files of an input, gone with the value.
final class FuzzDirectory {
    /// In memory where that is possible: thousands are made each second.
    static let place: String = {
        if let directory = getenv("SPAWNSCOPE_FUZZ_DIRECTORY") { return String(cString: directory) }
        return access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp"
    }()

    let path: String
    private var names: [String] = []

    init() {
        var template = Array((Self.place + "/spawnscope-fuzz-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("no temporary directory in \(Self.place)") }
        path = String(cString: made)
    }

    func add(_ name: String, _ bytes: [UInt8]) {
        let number = open("\(path)/\(name)", O_CREAT | O_WRONLY | O_TRUNC, 0o600)
        precondition(number >= 0)
        bytes.withUnsafeBytes { _ = write(number, $0.baseAddress, $0.count) }
        close(number)
        names.append(name)
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }
}
