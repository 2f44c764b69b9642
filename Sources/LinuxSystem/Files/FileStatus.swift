internal import Glibc

/// What stat(2) says of a file.
package struct FileStatus: Hashable, Sendable {
    package let device: UInt64
    package let inode: UInt64
    package let owner: UInt32
    /// Bytes.
    package let size: Int
    private let mode: mode_t

    private init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        owner = status.st_uid
        size = status.st_size
        mode = status.st_mode
    }

    /// Throws if there is no such file.
    package init(_ path: String, followsLinks: Bool = true) throws(SystemError) {
        var status = stat()
        guard unsafe (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else {
            throw SystemError(errno)
        }
        self.init(status)
    }

    /// The status of a name in an open directory; a link is not followed.
    package init(_ name: String, in directory: Int32) throws(SystemError) {
        var status = stat()
        guard unsafe fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw SystemError(errno) }
        self.init(status)
    }

    package init(_ descriptor: Int32) throws(SystemError) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError(errno) }
        self.init(status)
    }

    package var isRegular: Bool { mode & S_IFMT == S_IFREG }
    /// Whether who executes it gets its owner's or its group's rights: S_ISUID, or S_ISGID beside the group's S_IXGRP.
    package var asksForRights: Bool { mode & 0o4000 != 0 || mode & 0o2010 == 0o2010 }
    package var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
    /// Whether its group or everybody may write to it.
    package var isWritableByOthers: Bool { mode & 0o022 != 0 }

    package func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }
}
