internal import CLinuxSystem
internal import Glibc
internal import Synchronization

/// Opens files for reading by names that come from a user, a recording or another file. All code that reads such files
/// goes through here; a worker asks its parent process to open them.
package enum FileAccess {
    /// The effective user of this program; in a worker, that of its parent.
    package static let user: UInt32 = geteuid()

    /// In a worker, the connection to its parent.
    private static let connection = Mutex<WorkerConnection?>(nil)

    static var parent: WorkerConnection? { connection.withLock { $0 } }

    static func ask(_ parent: WorkerConnection) { connection.withLock { $0 = parent } }

    package static func open(_ request: FileRequest) throws(FileError) -> OwnedDescriptor {
        if let own = request.path.flatMap(descriptor(named:)) { return try duplicate(own) }
        guard let parent else { return try FileOpener.open(request) }
        return OwnedDescriptor(try parent.ask(request).number)
    }

    /// At most `limit` bytes of the requested file; `nil` if it cannot be read.
    package static func bytes(_ request: FileRequest, limit: Int) -> [UInt8]? {
        guard let file = try? open(request) else { return nil }
        return file.bytes(limit: limit)
    }

    /// Opens a regular file by a path that need not be valid UTF-8. With `root`, the path is resolved below that
    /// directory and cannot lead out of it. Not for workers, which may not open files.
    package static func openRegular(_ path: [UInt8], inRoot root: Int32?) -> OwnedDescriptor? {
        guard !path.contains(0) else { return nil }
        let number = unsafe (path + [0]).withUnsafeBytes { terminated -> Int32 in
            guard let start = terminated.baseAddress else { return -EINVAL }
            let name = unsafe start.assumingMemoryBound(to: CChar.self)
            return unsafe root.map { unsafe clinux_open_path_in_root($0, name) } ?? clinux_open_path(AT_FDCWD, name, 0)
        }
        guard number >= 0 else { return nil }
        return try? FileOpener.reopened(OwnedDescriptor(number))
    }

    /// Whether the file's file system gives stat(2) and mappings the same device and inode.
    package static func tellsOneNumber(_ descriptor: Int32) -> Bool { clinux_tells_one_number(descriptor) != 0 }

    /// The open descriptor that `path` names: `/proc/self/fd/N`, `/dev/fd/N` or a standard stream such as `/dev/stdin`;
    /// otherwise `nil`.
    package static func descriptor(named path: String) -> Int32? {
        switch path {
        case "/dev/stdin": return STDIN_FILENO
        case "/dev/stdout": return STDOUT_FILENO
        case "/dev/stderr": return STDERR_FILENO
        default: break
        }
        for prefix in ["/proc/self/fd/", "/dev/fd/"] where path.hasPrefix(prefix) {
            guard let number = Int32(path.dropFirst(prefix.count)), number >= 0, fcntl(number, F_GETFD) >= 0 else {
                return nil
            }
            return number
        }
        return nil
    }

    /// Another descriptor of the same open file, never a standard stream.
    package static func duplicate(_ number: Int32) throws(FileError) -> OwnedDescriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .system(errno) }
        return OwnedDescriptor(copy)
    }

    /// The umask(2), whose bits a new file's mode lacks.
    static let creationMask: mode_t = {
        let mask = umask(0o077)
        _ = umask(mask)
        return mask
    }()

    /// Gives a file that root has created to the user who called sudo, if any.
    static func giveToInvoker(_ number: Int32) {
        guard let invoker = Invoker.current else { return }
        _ = fchown(number, invoker.uid, invoker.gid)
    }
}

extension FileRequest {
    /// The path of a request that may name an open descriptor.
    fileprivate var path: String? {
        switch self {
        case .image(let path), .session(let path), .text(let path): path
        case .sessionPart, .jit, .temporary, .stage, .commit, .debugFile: nil
        }
    }
}

extension OwnedDescriptor {
    /// Reads at most `limit` bytes from the current offset on; `nil` if reading fails.
    package func bytes(limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < limit {
            let wanted = min(piece.count, limit - bytes.count)
            let count = unsafe piece.withUnsafeMutableBytes { unsafe read(number, $0.baseAddress, wanted) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return bytes
    }
}
