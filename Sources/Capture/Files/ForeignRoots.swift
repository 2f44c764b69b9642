import CPerfEvent
import Glibc
import LinuxSystem
import PerfData

/// Root directories of the workload's processes that the recorder does not share: those of other mount namespaces, and those of
/// chroot(2). Each is held open together with its namespace, whose mounts else go with its last process.
final class ForeignRoots {
    /// A root directory in a mount namespace.
    private struct Key: Hashable {
        var namespace: UInt64
        var device: UInt64
        var inode: UInt64
    }

    /// Containers beyond this many are left out: their number is the workload's to choose, and what is held cannot be unmounted.
    static let most = 64

    /// O_PATH of open(2), which the importer does not see.
    private static let pathOnly: Int32 = 0x200000

    private(set) var roots: [HeldRoot] = []
    /// By root: which of those that are held, `nil` for the recorder's own.
    private var known: [Key: Int?] = [:]
    /// There were more.
    private(set) var isFull = false

    init() {
        if let own = Self.key(of: "self") { known[own] = .some(nil) }
    }

    var count: Int { roots.count }

    /// Holds the root of a process where it is another than those that are known, and returns which it is; `nil` for the recorder's own, and
    /// where it cannot be held. A process that has ended by now has none.
    @discardableResult
    func hold(_ process: Int32) -> Int? {
        guard let key = Self.key(of: "\(process)") else { return nil }
        if let known = known[key] { return known }
        guard roots.count < Self.most else {
            isFull = true
            return nil
        }
        let directory = OwnedDescriptor(unsafe open("/proc/\(process)/root", Self.pathOnly | O_DIRECTORY | O_CLOEXEC))
        let namespace = OwnedDescriptor(unsafe open("/proc/\(process)/ns/mnt", O_RDONLY | O_CLOEXEC))
        // What was opened is what counts: the process may have gone on to yet another root.
        guard directory.number >= 0, namespace.number >= 0, let root = Self.status(directory.number),
            let mounts = Self.status(namespace.number)
        else { return nil }
        let opened = Key(namespace: UInt64(mounts.st_ino), device: UInt64(root.st_dev), inode: UInt64(root.st_ino))
        if let known = known[opened] { return known }
        known[opened] = roots.count
        roots.append(HeldRoot(directory, namespace))
        return roots.count - 1
    }

    /// The file that a record is of, where one of the roots has it.
    func file(_ file: ExecutableFile) -> RecordedFile? {
        for root in roots {
            guard let found = RecordedFile(path: file.path, root: root.directory.number), found.isSame(as: file) else {
                continue
            }
            return consume found
        }
        return nil
    }

    private static func key(of process: String) -> Key? {
        var mounts = stat()
        var root = stat()
        guard unsafe stat("/proc/\(process)/ns/mnt", &mounts) == 0, unsafe stat("/proc/\(process)/root", &root) == 0
        else { return nil }
        return Key(namespace: UInt64(mounts.st_ino), device: UInt64(root.st_dev), inode: UInt64(root.st_ino))
    }

    private static func status(_ number: Int32) -> stat? {
        var status = stat()
        return unsafe fstat(number, &status) == 0 ? status : nil
    }
}

/// A root directory that is held open together with its mount namespace.
package final class HeldRoot: Sendable {
    let directory: OwnedDescriptor
    private let namespace: OwnedDescriptor

    init(_ directory: consuming OwnedDescriptor, _ namespace: consuming OwnedDescriptor) {
        self.directory = directory
        self.namespace = namespace
    }

    /// Leads to it for as long as this lives, in this process.
    package var path: String { "/proc/self/fd/\(directory.number)" }

    /// Its /tmp is not this machine's, so that nobody but its own processes has files there.
    package var hasOwnTemporaries: Bool {
        var own = stat()
        var here = stat()
        // The path is a link of the kernel's to the directory itself; whatever else leads out of it is not followed.
        guard unsafe fstatat(directory.number, "tmp", &own, AT_SYMLINK_NOFOLLOW) == 0, own.st_mode & S_IFMT == S_IFDIR,
            unsafe stat("/tmp", &here) == 0
        else { return false }
        return own.st_dev != here.st_dev || own.st_ino != here.st_ino
    }
}
