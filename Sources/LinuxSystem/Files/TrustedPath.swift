internal import CLinuxSystem
internal import Glibc

/// A name in a directory that is held open, so that nobody can swap the directory between check and use.
package struct TrustedPath: ~Copyable {
    package let directory: OwnedDescriptor
    /// One component; it need not exist.
    package let name: String

    /// The kernel's own limit (ELOOP of path_resolution(7)).
    private static let mostLinks = 40
    private static let longestPath = 4096

    /// Walks `path` one component at a time. Symbolic links are followed only if their owner is trusted: another user's
    /// link leads wherever that user likes.
    ///
    /// - Parameter followsLast: whether a link as the last component is followed too.
    package init(_ path: String, followsLast: Bool = true) throws(FileError) {
        var rest = Array(path.split(separator: "/").reversed())
        guard !path.isEmpty, path.utf8.count < Self.longestPath, !rest.isEmpty, !path.utf8.contains(0) else {
            throw .system(path.hasPrefix("/") ? EISDIR : ENOENT)
        }
        if path.hasSuffix("/") { rest.insert(".", at: 0) }
        var current = try Self.open(AT_FDCWD, path.hasPrefix("/") ? "/" : ".")
        var links = 0
        while let part = rest.popLast() {
            let isLast = rest.isEmpty
            if part == "." || part == ".." {
                guard !isLast else { throw .system(EISDIR) }
                let next = try Self.open(current.number, String(part))
                current = next
                continue
            }
            let name = String(part)
            let number = unsafe clinux_open_path(current.number, name, O_NOFOLLOW)
            if number < 0, isLast, -number == ENOENT {
                directory = consume current
                self.name = name
                return
            }
            guard number >= 0 else { throw .system(-number) }
            let entry = OwnedDescriptor(number)
            var status = stat()
            guard unsafe fstat(number, &status) == 0 else { throw .system(errno) }
            guard status.st_mode & S_IFMT == S_IFLNK, !isLast || followsLast else {
                if isLast {
                    directory = consume current
                    self.name = name
                    return
                }
                guard status.st_mode & S_IFMT == S_IFDIR else { throw .system(ENOTDIR) }
                current = consume entry
                continue
            }
            links += 1
            guard links <= Self.mostLinks else { throw .system(ELOOP) }
            guard Invoker.trusts(status.st_uid) else { throw .foreignLink(status.st_uid) }
            if clinux_is_on_procfs(number) != 0 {
                // A link such as /proc/PID/root or cwd: its target has no path here, so the kernel follows it.
                guard !isLast else { throw .notRegular }
                let next = try Self.open(current.number, name)
                current = next
                continue
            }
            let target = try Self.target(of: entry)
            if target.hasPrefix("/") {
                let next = try Self.open(AT_FDCWD, "/")
                current = next
            }
            let parts = target.split(separator: "/")
            guard !parts.isEmpty || !isLast else { throw .system(EISDIR) }
            guard rest.count + parts.count < Self.longestPath else { throw .system(ENAMETOOLONG) }
            rest += parts.reversed()
        }
        throw .system(ENOENT)
    }

    private static func open(_ directory: Int32, _ name: String) throws(FileError) -> OwnedDescriptor {
        let number = unsafe clinux_open_path(directory, name, O_DIRECTORY)
        guard number >= 0 else { throw .system(-number) }
        return OwnedDescriptor(number)
    }

    private static func target(of link: borrowing OwnedDescriptor) throws(FileError) -> String {
        var bytes = [CChar](repeating: 0, count: longestPath)
        let count = unsafe readlinkat(link.number, "", &bytes, bytes.count)
        guard count > 0, count < bytes.count else { throw .system(count < 0 ? errno : ENAMETOOLONG) }
        return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The status of the name, links not followed; `nil` if it does not exist.
    func status() throws(FileError) -> stat? {
        var status = stat()
        if unsafe fstatat(directory.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return status }
        guard errno == ENOENT else { throw .system(errno) }
        return nil
    }
}
