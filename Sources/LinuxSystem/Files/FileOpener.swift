internal import CLinuxSystem
internal import Glibc

/// Opens what is asked for, by the process that may.
///
/// What a path names is looked up alone (O_PATH) and opened when it has proved to be a regular file: so nothing is waited for and no
/// device is touched, whoever made what lies there.
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

    /// What is the kernel's own by its fixed name; elsewhere, in perf's cache, through no link.
    private static func text(_ path: String) throws(FileError) -> OwnedDescriptor {
        let isKernels = path.hasPrefix("/proc/") || path.hasPrefix("/sys/")
        let number = unsafe clinux_open_path(AT_FDCWD, path, O_NOFOLLOW)
        guard number >= 0 else { throw .system(-number) }
        return try reopened(OwnedDescriptor(number), kernelsToo: isKernels)
    }

    /// - Parameter kernelsToo: whether it may be a file of procfs and the like, where opening may act.
    static func reopened(
        _ path: consuming OwnedDescriptor, kernelsToo: Bool = false
    ) throws(FileError) -> OwnedDescriptor {
        let file = clinux_reopen_regular(path.number, kernelsToo ? 1 : 0)
        guard file >= 0 else { throw -file == EINVAL ? .notRegular : .system(-file) }
        return OwnedDescriptor(file)
    }

    /// The four bytes that every ELF file begins with: nothing else is handed out as one, a password file for instance.
    static func isELF(_ number: Int32) -> Bool {
        var magic: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
        let count = unsafe withUnsafeMutableBytes(of: &magic) { unsafe pread(number, $0.baseAddress, 4, 0) }
        return count == 4 && magic == (0x7F, UInt8(ascii: "E"), UInt8(ascii: "L"), UInt8(ascii: "F"))
    }

    /// A regular file, a directory for reading its names, or a FIFO of one who is trusted, which the user meant to wait for.
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

    /// Follows no link, neither in the last part nor in those before, which another root directory would lead astray.
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

    /// In TMPDIR, or else /tmp.
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
