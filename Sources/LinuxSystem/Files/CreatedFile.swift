internal import CLinuxSystem
internal import Glibc

/// A file that has its name from the beginning, since what is written counts even where its writer is killed: created for nobody but
/// its owner, beside what had the name before.
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

    /// What is there is kept as `path.old`, a link as a link; a device, FIFO, socket or directory is refused, /dev/null excepted. The name
    /// of an open descriptor (`/proc/self/fd/N`) is that descriptor, emptied.
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
                // Such a link of /dev would be taken from the whole machine by renaming it.
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
        // Whatever the umask took away.
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

    /// A file without a name beside it; `nil` where that cannot be.
    package func nameless() -> OwnedDescriptor? {
        guard let place else { return nil }
        let number = clinux_open_nameless(place.path.directory.number, 0o600)
        return number < 0 ? nil : OwnedDescriptor(number)
    }

    /// Removes it, and puts back what it replaced.
    package func discard() {
        guard let place else { return }
        let (directory, name) = (place.path.directory.number, place.path.name)
        // Somebody may have given the name to another file meanwhile.
        var (own, there) = (stat(), stat())
        guard unsafe fstat(descriptor.number, &own) == 0,
            unsafe fstatat(directory, name, &there, AT_SYMLINK_NOFOLLOW) == 0,
            own.st_ino == there.st_ino, own.st_dev == there.st_dev
        else { return }
        _ = unsafe unlinkat(directory, name, 0)
        if place.keptOld { _ = unsafe renameat(directory, Self.oldName(name), directory, name) }
    }
}
