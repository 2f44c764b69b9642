internal import CLinuxSystem
internal import Glibc

/// Opens requested files, in the process that may open them.
///
/// A path is first looked up with O_PATH, and opened only if it is a regular file: so no FIFO is waited for and no
/// device is touched, whoever put it there.
enum FileOpener {
    static func open(_ request: FileRequest) throws(FileError) -> OwnedDescriptor {
        switch request {
        case .image(let path):
            let file = try regular(at: AT_FDCWD, path)
            guard isELF(file.number) else { throw .refused }
            return file
        case .session(let path): return try session(path)
        case .sessionPart(let directory, let name):
            let listing = unsafe clinux_open_path(AT_FDCWD, directory, O_DIRECTORY)
            guard listing >= 0 else { throw .system(-listing) }
            let holder = OwnedDescriptor(listing)
            return try regular(at: holder.number, name)
        case .text(let path): return try text(path)
        case .jit(let directory, let parts): return try jit(directory, parts)
        case .temporary: return try temporary()
        case .stage, .commit, .debugFile: throw .refused
        }
    }

    private static func regular(at directory: Int32, _ path: String) throws(FileError) -> OwnedDescriptor {
        let number = unsafe clinux_open_path(directory, path, 0)
        guard number >= 0 else { throw .system(-number) }
        return try reopened(OwnedDescriptor(number))
    }

    /// Opens a file of procfs or sysfs, or one in perf's build-ID cache, unless the last component is a link.
    private static func text(_ path: String) throws(FileError) -> OwnedDescriptor {
        let isKernels = path.hasPrefix("/proc/") || path.hasPrefix("/sys/")
        let number = unsafe clinux_open_path(AT_FDCWD, path, O_NOFOLLOW)
        guard number >= 0 else { throw .system(-number) }
        return try reopened(OwnedDescriptor(number), kernelsToo: isKernels)
    }

    /// - Parameter kernelsToo: whether files of procfs and the like are allowed, where opening may have side effects.
    static func reopened(
        _ path: consuming OwnedDescriptor, kernelsToo: Bool = false
    ) throws(FileError) -> OwnedDescriptor {
        let file = clinux_reopen_regular(path.number, kernelsToo ? 1 : 0)
        guard file >= 0 else { throw -file == EINVAL ? .notRegular : .system(-file) }
        return OwnedDescriptor(file)
    }

    /// Whether the file begins with the ELF magic. No other file, such as a password file, is handed out as an image.
    static func isELF(_ number: Int32) -> Bool {
        var magic: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
        let count = unsafe withUnsafeMutableBytes(of: &magic) { unsafe pread(number, $0.baseAddress, 4, 0) }
        return count == 4 && magic == (0x7F, UInt8(ascii: "E"), UInt8(ascii: "L"), UInt8(ascii: "F"))
    }

    /// Opens a regular file, a directory for listing, or a FIFO of a trusted user, whose writer the caller means to
    /// wait for.
    private static func session(_ path: String) throws(FileError) -> OwnedDescriptor {
        let number = unsafe clinux_open_path(AT_FDCWD, path, 0)
        guard number >= 0 else { throw .system(-number) }
        let found = OwnedDescriptor(number)
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw .system(errno) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            let listing = unsafe openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard listing >= 0 else { throw .system(errno) }
            return OwnedDescriptor(listing)
        case S_IFIFO where Invoker.trusts(status.st_uid):
            let stream = unsafe Glibc.open("/proc/self/fd/\(number)", O_RDONLY | O_CLOEXEC)
            guard stream >= 0 else { throw .system(errno) }
            return OwnedDescriptor(stream)
        default: return try reopened(found)
        }
    }

    /// Follows no link in any part: a link below another root directory would be resolved from the wrong root.
    private static func jit(_ directory: String, _ parts: [String]) throws(FileError) -> OwnedDescriptor {
        var number = unsafe clinux_open_path(AT_FDCWD, directory, O_DIRECTORY)
        guard number >= 0, let name = parts.last else { throw .system(number < 0 ? -number : ENOENT) }
        for part in parts.dropLast() {
            let next = unsafe clinux_open_path(number, part, O_DIRECTORY | O_NOFOLLOW)
            close(number)
            number = next
            guard number >= 0 else { throw .system(-number) }
        }
        let last = OwnedDescriptor(number)
        let file = unsafe clinux_open_path(last.number, name, O_NOFOLLOW)
        guard file >= 0 else { throw .system(-file) }
        return try reopened(OwnedDescriptor(file))
    }

    /// Opens an unnamed file in TMPDIR, or else in /tmp.
    private static func temporary() throws(FileError) -> OwnedDescriptor {
        let directory = unsafe clinux_open_path(AT_FDCWD, temporaryDirectory, O_DIRECTORY)
        guard directory >= 0 else { throw .system(-directory) }
        let holder = OwnedDescriptor(directory)
        var number = clinux_open_nameless(holder.number, 0o600)
        if number < 0, [EOPNOTSUPP, EISDIR, EINVAL, ENOSYS].contains(-number) {
            let name = StagedFile.randomName()
            number = unsafe openat(holder.number, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            if number >= 0 { _ = unsafe unlinkat(holder.number, name, 0) } else { number = -errno }
        }
        guard number >= 0 else { throw .system(-number) }
        FileAccess.giveToInvoker(number)
        return OwnedDescriptor(number)
    }

    static var temporaryDirectory: String {
        unsafe clinux_secure_getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    }
}
