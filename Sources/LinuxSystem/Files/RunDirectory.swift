internal import Glibc

/// The directory where `compare` keeps the sessions of one run. It belongs to the user and holds files of this run
/// only.
///
/// Files are created through a descriptor of the directory, so that renaming a directory above it has no effect.
package struct RunDirectory: ~Copyable {
    /// The path, for messages.
    package let path: String
    private let number: Int32
    private let owner: Invoker?
    /// Whether this run created the directory. If root did, the user who called sudo gets it when the run has ended,
    /// and cannot change it before.
    private let isHandedOver: Bool

    /// Creates the directory if it is missing. One that is not empty gets a new subdirectory with the next number, `2`
    /// and so on, so that runs do not mix.
    package init(_ name: String) throws(RunDirectoryError) {
        // With a trailing slash the kernel would follow a link.
        var whole = name[...]
        while whole.count > 1, whole.hasSuffix("/") { whole.removeLast() }
        let path = String(whole)
        let invoker = Invoker.current
        let isNew = unsafe mkdir(path, 0o700) == 0
        guard isNew || errno == EEXIST else { throw Self.refusal(path, code: errno) }
        let number = unsafe open(path, Self.flags)
        guard number >= 0 else {
            let isLink = errno == ENOTDIR || errno == ELOOP
            let reason = isLink ? "is no directory, or a symbolic link" : SystemError(errno).message
            throw RunDirectoryError(path: path, reason: reason)
        }
        do throws(RunDirectoryError) {
            try Self.check(number, path, invoker)
            if isNew || Self.isEmpty(number) {
                self.init(path: path, number: number, owner: invoker, isHandedOver: isNew)
            } else {
                self = try Self.subdirectory(of: number, path, invoker)
                close(number)
            }
        } catch {
            close(number)
            throw error
        }
    }

    private init(path: String, number: Int32, owner: Invoker?, isHandedOver: Bool) {
        self.path = path
        self.number = number
        self.owner = owner
        self.isHandedOver = isHandedOver
    }

    deinit {
        if isHandedOver, let owner { _ = fchown(number, owner.uid, owner.gid) }
        close(number)
    }

    private static let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC

    private static func refusal(_ path: String, code: Int32) -> RunDirectoryError {
        RunDirectoryError(path: path, reason: SystemError(code).message)
    }

    private static func check(_ number: Int32, _ path: String, _ invoker: Invoker?) throws(RunDirectoryError) {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw refusal(path, code: errno) }
        guard status.st_uid == geteuid() || status.st_uid == invoker?.uid else {
            throw RunDirectoryError(path: path, reason: "belongs to another user (uid \(status.st_uid))")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw RunDirectoryError(path: path, reason: "others may write to it: chmod go-w")
        }
    }

    private static func isEmpty(_ number: Int32) -> Bool {
        // Uses a separate descriptor, since listing moves the file offset.
        guard let listing = try? OwnedDescriptor(reopening: number) else { return false }
        var isEmpty = true
        guard
            (try? DirectoryEntries.forEach(
                in: listing,
                { _ in
                    isEmpty = false
                    return false
                })) != nil
        else { return false }
        return isEmpty
    }

    private static func subdirectory(of parent: Int32, _ path: String, _ invoker: Invoker?) throws(RunDirectoryError)
        -> RunDirectory
    {
        for run in 2...9999 {
            let name = String(run)
            guard unsafe mkdirat(parent, name, 0o700) == 0 else {
                if errno == EEXIST { continue }
                throw refusal(path, code: errno)
            }
            let number = unsafe openat(parent, name, flags)
            guard number >= 0 else { throw refusal("\(path)/\(name)", code: errno) }
            do throws(RunDirectoryError) {
                // Another directory may have taken its place: the one just created belongs to this process's user.
                try check(number, "\(path)/\(name)", nil)
            } catch {
                close(number)
                throw error
            }
            return RunDirectory(path: "\(path)/\(name)", number: number, owner: invoker, isHandedOver: true)
        }
        throw RunDirectoryError(path: path, reason: "has 9,999 runs already")
    }

    /// A path to a file in the directory that is valid whatever happens to `path`, also for processes that this one
    /// starts.
    package func reliablePath(of name: String) -> String { "/proc/\(getpid())/fd/\(number)/\(name)" }

    /// Creates a file and opens it for reading and writing. Fails if the name exists, even as a link.
    package func create(_ name: String) throws(RunDirectoryError) -> Int32 {
        let file = unsafe openat(number, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        guard file >= 0 else { throw Self.refusal("\(path)/\(name)", code: errno) }
        if let owner { _ = fchown(file, owner.uid, owner.gid) }
        return file
    }

    /// Throws if the name exists.
    package func checkAbsent(_ name: String) throws(RunDirectoryError) {
        var status = stat()
        if unsafe fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
            throw RunDirectoryError(path: "\(path)/\(name)", reason: "is there already, and not of this run")
        }
    }

    /// Whether the directory has a regular file of this name.
    package func has(_ name: String) -> Bool {
        var status = stat()
        return unsafe fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    package func remove(_ name: String) { _ = unsafe unlinkat(number, name, 0) }
}

/// Why the directory, or a file in it, cannot be used.
package struct RunDirectoryError: Error, Hashable {
    package let path: String
    package let reason: String
}
