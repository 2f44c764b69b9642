internal import Glibc
internal import LinuxSystem

/// An ELF file that is open for reading.
struct OpenImage: ~Copyable {
    let number: Int32
    let size: UInt64
    let identity: FileIdentity
    private let descriptor: OwnedDescriptor

    /// Opens a regular file that begins with the ELF magic; in a worker process, the parent opens it. Does not block,
    /// whatever the path names.
    init(readingRegularFile path: String) throws(ELFError) {
        let descriptor = try Self.opened(path)
        var status = stat()
        guard unsafe fstat(descriptor.number, &status) == 0 else { throw .unreadable(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegularFile }
        number = descriptor.number
        size = UInt64(exactly: status.st_size) ?? 0
        identity = FileIdentity(status)
        self.descriptor = consume descriptor
    }

    private static func opened(_ path: String) throws(ELFError) -> OwnedDescriptor {
        do throws(FileError) {
            return try FileAccess.open(.image(path: path))
        } catch {
            switch error {
            case .system(let code): throw .unreadable(code)
            case .notRegular: throw .notRegularFile
            case .refused, .foreignLink: throw .notELF
            }
        }
    }

    /// Up to `count` bytes of the file; fewer at its current end.
    func bytes(at offset: UInt64, count: Int) -> [UInt8] {
        guard let offset = Int(exactly: offset) else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = unsafe read(from: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// Reads into `buffer` and returns the number of bytes read; fewer than its size at the end of the file or on an
    /// error.
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
}
