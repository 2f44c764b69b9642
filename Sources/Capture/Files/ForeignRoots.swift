import CPerfEvent
import Glibc
import LinuxSystem
import PerfData

/// Root directories of the workload's processes that differ from the recorder's: those of other mount namespaces, and
/// those of chroot(2). Each is held open together with its namespace, whose mounts would otherwise vanish with its last
/// process.
final class ForeignRoots {
    /// A root directory in a mount namespace.
    private struct Key: Hashable {
        var namespace: UInt64
        var device: UInt64
        var inode: UInt64
    }

    /// At most this many roots are held: the workload decides how many there are, and what is held cannot be unmounted.
    static let most = 64

    private(set) var roots: [HeldRoot] = []
    /// Index in `roots`; `nil` for the recorder's own root.
    private var known: [Key: Int?] = [:]
    /// Whether there were more roots than could be held.
    private(set) var isFull = false

    init() {
        if let own = Self.key(of: "self") { known[own] = .some(nil) }
    }

    var count: Int { roots.count }

    /// Holds the root of a process, unless an equal one is held already, and returns its index; `nil` for the
    /// recorder's own root, or if it cannot be held, as when the process has ended.
    @discardableResult
    func hold(_ process: Int32) -> Int? {
        guard let key = Self.key(of: "\(process)") else { return nil }
        if let known = known[key] { return known }
        guard roots.count < Self.most else {
            isFull = true
            return nil
        }
        guard let directory = try? OwnedDescriptor(holding: "/proc/\(process)/root"),
            let namespace = try? OwnedDescriptor(reading: "/proc/\(process)/ns/mnt"),
            // The opened directory counts: the process may have changed its root meanwhile.
            let root = try? FileStatus(directory.number), let mounts = try? FileStatus(namespace.number)
        else { return nil }
        let opened = Key(namespace: mounts.inode, device: root.device, inode: root.inode)
        if let known = known[opened] { return known }
        known[opened] = roots.count
        roots.append(HeldRoot(directory, namespace))
        return roots.count - 1
    }

    /// The recorded file, if one of the roots has it.
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
        guard let mounts = try? FileStatus("/proc/\(process)/ns/mnt"),
            let root = try? FileStatus("/proc/\(process)/root")
        else { return nil }
        return Key(namespace: mounts.inode, device: root.device, inode: root.inode)
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

    /// Whether its /tmp is not this machine's, so that only its own processes have files there.
    package var hasOwnTemporaries: Bool {
        // `tmp` is looked up in the held directory itself; if it is a link, it is not followed.
        guard let own = try? FileStatus("tmp", in: directory.number), own.isDirectory,
            let here = try? FileStatus("/tmp")
        else { return false }
        return !own.isSameFile(as: here)
    }
}
