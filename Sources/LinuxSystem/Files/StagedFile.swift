internal import CLinuxSystem
internal import Glibc

/// A file that is written without a name and gets its name when it is complete: readers see either the old file or the
/// whole new one.
///
/// It is created in the target directory, which is held open. Owner and mode are set before it has a name, and its data
/// is synced to disk before it gets the name, unless it replaces what is not synced either. It replaces only a regular
/// file. A FIFO of the user's own and /dev/null are written directly; other devices are refused.
package final class StagedFile {
    package enum Purpose: UInt8, Sendable {
        /// A result: replaces an existing file and keeps its mode.
        case result = 1
        /// A session: has mode 0600; an existing file is kept as `.old`.
        case session
        /// A packed session: replaces the session that it was made from and keeps its owner and mode.
        case packedSession
        /// Replaces a session that this process has just written.
        case recordedSession
        /// A new file: the name must not exist yet.
        case new
        /// Appends directly to an existing file, without staging. If there is none, like `result`.
        case appended
    }

    /// For writing; also for reading if the file is staged.
    package let descriptor: OwnedDescriptor
    private let place: Place?
    private let token: UInt64

    /// Where the file gets its name; only in the process that may open files.
    private final class Place {
        let path: TrustedPath
        let purpose: Purpose
        /// Its temporary name: until it is complete on file systems without O_TMPFILE, on others only between link(2)
        /// and rename(2).
        var temporaryName: String?

        init(_ path: consuming TrustedPath, _ purpose: Purpose, temporaryName: String?) {
            self.path = path
            self.purpose = purpose
            self.temporaryName = temporaryName
        }

        deinit {
            if let temporaryName { _ = unsafe unlinkat(path.directory.number, temporaryName, 0) }
        }
    }

    private init(_ descriptor: consuming OwnedDescriptor, _ place: Place?, token: UInt64 = 0) {
        self.descriptor = descriptor
        self.place = place
        self.token = token
    }

    /// Begins a file. In a worker the parent does this, only for paths that the user named.
    package static func begin(_ path: String, _ purpose: Purpose) throws(FileError) -> StagedFile {
        if let parent = FileAccess.parent {
            let (number, token) = try parent.ask(.stage(path: path, purpose: purpose))
            return StagedFile(OwnedDescriptor(number), nil, token: token)
        }
        return try beginHere(path, purpose)
    }

    static func beginHere(_ path: String, _ purpose: Purpose) throws(FileError) -> StagedFile {
        if let own = FileAccess.descriptor(named: path) { return StagedFile(try FileAccess.duplicate(own), nil) }
        let place = try TrustedPath(path)
        let status = try place.status()
        if let status, status.st_mode & S_IFMT != S_IFREG { return StagedFile(try openAsItIs(place, status), nil) }
        if status != nil, purpose == .new { throw .system(EEXIST) }
        if purpose == .appended, status != nil { return StagedFile(try openToAppend(place), nil) }
        var temporaryName: String?
        var number = clinux_open_nameless(place.directory.number, 0o600)
        if number < 0, [EOPNOTSUPP, EISDIR, EINVAL, ENOSYS].contains(-number) {
            let name = Self.randomName()
            number = unsafe openat(
                place.directory.number, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            if number < 0 { number = -errno } else { temporaryName = name }
        }
        guard number >= 0 else { throw .system(-number) }
        let descriptor = OwnedDescriptor(number)
        let named = Place(place, purpose, temporaryName: temporaryName)
        try setOwnerAndMode(descriptor, purpose, replacing: status)
        return StagedFile(descriptor, named)
    }

    /// Keeps owner and mode of the replaced file only if that belongs to a trusted user: no one else decides who may
    /// read the new file.
    private static func setOwnerAndMode(
        _ file: borrowing OwnedDescriptor, _ purpose: Purpose, replacing status: stat?
    ) throws(FileError) {
        let isSession = purpose == .session || purpose == .packedSession || purpose == .recordedSession
        var mode: mode_t = isSession ? 0o600 : 0o666 & ~FileAccess.creationMask
        if let status, purpose == .packedSession || purpose == .result, Invoker.trusts(status.st_uid) {
            mode = status.st_mode & 0o777
            // Without the right to change the owner, the file stays the writer's, closed to group and others.
            if status.st_uid != geteuid() || status.st_gid != getegid() {
                if fchown(file.number, status.st_uid, status.st_gid) != 0 { mode &= 0o700 }
            }
        } else {
            FileAccess.giveToInvoker(file.number)
        }
        guard fchmod(file.number, mode) == 0 else { throw .system(errno) }
    }

    /// Opens an existing file to append to. It must belong to a trusted user: the owner of a file decides who may read
    /// it.
    private static func openToAppend(_ place: borrowing TrustedPath) throws(FileError) -> OwnedDescriptor {
        let flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY
        let descriptor = OwnedDescriptor(unsafe openat(place.directory.number, place.name, flags))
        guard descriptor.number >= 0 else { throw .system(errno) }
        var status = stat()
        guard unsafe fstat(descriptor.number, &status) == 0 else { throw .system(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
        guard Invoker.trusts(status.st_uid) else { throw .refused }
        return descriptor
    }

    /// How often to try opening a FIFO without a reader, every 10 ms.
    private static let attemptsAtFIFO = 300

    private static func openAsItIs(_ place: borrowing TrustedPath, _ status: stat) throws(FileError)
        -> OwnedDescriptor
    {
        let isFIFO = status.st_mode & S_IFMT == S_IFIFO && Invoker.trusts(status.st_uid)
        let isNull = status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0x103
        guard isFIFO || isNull else {
            throw status.st_mode & S_IFMT == S_IFDIR ? .system(EISDIR) : .notRegular
        }
        // A blocking open(2) would wait for the FIFO's reader, perhaps with signals blocked: waits at most 3 s instead.
        let flags = O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY
        var number: Int32 = -1
        for _ in 0..<Self.attemptsAtFIFO {
            number = unsafe openat(place.directory.number, place.name, flags)
            guard number < 0, errno == ENXIO, isFIFO else { break }
            usleep(10_000)
        }
        guard number >= 0 else { throw .system(errno) }
        let descriptor = OwnedDescriptor(number)
        var opened = stat()
        guard unsafe fstat(number, &opened) == 0, opened.st_ino == status.st_ino, opened.st_dev == status.st_dev else {
            throw .notRegular
        }
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) & ~O_NONBLOCK)
        return descriptor
    }

    /// Gives the file its name. On failure an existing file is kept (that of a session perhaps as `.old`).
    package func commit() throws(FileError) {
        if let parent = FileAccess.parent {
            _ = try parent.ask(.commit(token: token), expectsDescriptor: false)
            return
        }
        guard let place else { return }
        // Errors of delayed writes (NFS, quotas) show up in fsync(2). A session that was recorded just now is not on the
        // disk either, and nobody who waits for its packing wants to wait for that.
        let isSynced = place.purpose != .recordedSession || clinux_reserves_blocks(descriptor.number) == 0
        guard !isSynced || fsync(descriptor.number) == 0 else { throw .system(errno) }
        let directory = place.path.directory.number
        let name = place.path.name
        if place.purpose == .new, place.temporaryName == nil {
            let code = unsafe clinux_name(descriptor.number, directory, name)
            guard code >= 0 else { throw .system(-code) }
            return Self.writeOut(directory)
        }
        let staged: String
        if let known = place.temporaryName {
            staged = known
        } else {
            staged = Self.randomName()
            let code = unsafe clinux_name(descriptor.number, directory, staged)
            guard code >= 0 else { throw .system(-code) }
            place.temporaryName = staged
        }
        if place.purpose == .new {
            // Without O_TMPFILE: link(2) does not replace a file that has taken the name.
            guard unsafe linkat(directory, staged, directory, name, 0) == 0 else { throw .system(errno) }
            return Self.writeOut(directory)
        }
        if place.purpose == .session {
            let isKept = unsafe renameat(directory, name, directory, name + ".old") == 0
            guard isKept || errno == ENOENT else { throw .system(errno) }
        }
        guard unsafe renameat(directory, staged, directory, name) == 0 else { throw .system(errno) }
        place.temporaryName = nil
        if isSynced { Self.writeOut(directory) }
    }

    /// Syncs the directory, and so the name, to disk. Skipped if the directory may not be read.
    private static func writeOut(_ directory: Int32) {
        let opened = OwnedDescriptor(unsafe openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        if opened.number >= 0 { _ = fsync(opened.number) }
    }

    static func randomName() -> String { ".spawnscope." + String(UInt64.random(in: 0 ... .max), radix: 36) }
}
