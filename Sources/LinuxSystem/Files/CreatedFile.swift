internal import CLinuxSystem
internal import Glibc

/// A file that is created under its final name, so that what was written survives if the writer is killed. Its mode is
/// 0600, and a file that had the name before is kept.
package final class CreatedFile {
    package let descriptor: OwnedDescriptor
    private let place: Place?

    private final class Place {
        let path: TrustedPath
        let keptOld: Bool

        init(_ path: consuming TrustedPath, keptOld: Bool) {
            self.path = path
            self.keptOld = keptOld
        }
    }

    package static func oldName(_ name: String) -> String { name + ".old" }

    /// Creates the file. A regular file or link that has the name is renamed to `path.old`; a device, FIFO, socket or
    /// directory is refused, except /dev/null, which is opened. `/proc/self/fd/N` means that open descriptor,
    /// truncated, and must not be a standard stream.
    package init(creating path: String) throws(FileError) {
        if let own = FileAccess.descriptor(named: path) {
            let descriptor = try FileAccess.duplicate(own)
            guard own > STDERR_FILENO, ftruncate(descriptor.number, 0) == 0, lseek(descriptor.number, 0, SEEK_SET) == 0
            else { throw .notRegular }
            self.descriptor = consume descriptor
            place = nil
            return
        }
        let path = try TrustedPath(path, followsLast: false)
        let (directory, name) = (path.directory.number, path.name)
        var keptOld = false
        if let status = try path.status() {
            switch status.st_mode & S_IFMT {
            case S_IFLNK where Self.leadsToStandardStream(path):
                // Renaming such a link, as /dev/stdout, would take it away from the whole machine.
                throw .notRegular
            case S_IFREG, S_IFLNK:
                guard unsafe renameat(directory, name, directory, Self.oldName(name)) == 0 else { throw .system(errno) }
                keptOld = true
            case S_IFDIR: throw .system(EISDIR)
            case S_IFCHR where status.st_rdev == 0x103:
                let number = unsafe openat(directory, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
                guard number >= 0 else { throw .system(errno) }
                descriptor = OwnedDescriptor(number)
                place = nil
                return
            default: throw .notRegular
            }
        }
        let number = unsafe openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard number >= 0 else {
            let code = errno
            if keptOld { _ = unsafe renameat(directory, Self.oldName(name), directory, name) }
            throw .system(code)
        }
        FileAccess.giveToInvoker(number)
        // Restores what the umask took away.
        _ = fchmod(number, 0o600)
        descriptor = OwnedDescriptor(number)
        place = Place(path, keptOld: keptOld)
    }

    private static func leadsToStandardStream(_ link: borrowing TrustedPath) -> Bool {
        var (target, stream) = (stat(), stat())
        guard unsafe fstatat(link.directory.number, link.name, &target, 0) == 0 else { return false }
        return (0...2).contains { number in
            unsafe fstat(number, &stream) == 0 && stream.st_ino == target.st_ino && stream.st_dev == target.st_dev
        }
    }

    /// Opens an unnamed file in the same directory; `nil` if that is not possible.
    package func nameless() -> OwnedDescriptor? {
        guard let place else { return nil }
        let number = clinux_open_nameless(place.path.directory.number, 0o600)
        return number < 0 ? nil : OwnedDescriptor(number)
    }

    /// Removes the file and puts back the one that it replaced.
    package func discard() {
        guard let place else { return }
        let (directory, name) = (place.path.directory.number, place.path.name)
        // The name may lead to another file by now.
        var (own, there) = (stat(), stat())
        guard unsafe fstat(descriptor.number, &own) == 0,
            unsafe fstatat(directory, name, &there, AT_SYMLINK_NOFOLLOW) == 0,
            own.st_ino == there.st_ino, own.st_dev == there.st_dev
        else { return }
        _ = unsafe unlinkat(directory, name, 0)
        if place.keptOld { _ = unsafe renameat(directory, Self.oldName(name), directory, name) }
    }
}
