internal import Glibc

/// A file descriptor that is closed when its owner goes away.
struct OwnedDescriptor: ~Copyable {
    let number: Int32
    let size: UInt64
    let identity: FileIdentity

    /// Opens a regular file for reading. Nothing that a path may name makes this wait or gains a controlling terminal.
    init(readingRegularFile path: String) throws(ELFError) {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard number >= 0 else { throw .unreadable(errno) }
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else {
            let reason = errno
            close(number)
            throw .unreadable(reason)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(number)
            throw .notRegularFile
        }
        self.number = number
        size = UInt64(exactly: status.st_size) ?? 0
        identity = FileIdentity(status)
    }

    /// Bytes of the file: `count` of them, or as many as it has there now.
    func bytes(at offset: UInt64, count: Int) -> [UInt8] {
        guard let offset = Int(exactly: offset) else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = unsafe read(from: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// How many bytes of the file there were for `buffer`.
    func read(from offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var filled = 0
        while filled < buffer.count {
            let (place, overflow) = offset.addingReportingOverflow(filled)
            guard !overflow else { break }
            let got = unsafe pread(number, buffer.baseAddress?.advanced(by: filled), buffer.count - filled, place)
            if got > 0 {
                filled += got
            } else if got == 0 || errno != EINTR {
                break
            }
        }
        return filled
    }

    deinit { close(number) }
}
