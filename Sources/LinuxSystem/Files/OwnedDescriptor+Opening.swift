internal import Glibc

/// Opens files by names that this program chooses, never a user: on kernel file systems, or below a directory that is
/// held open. Everything else is opened by `FileAccess`.
extension OwnedDescriptor {
    package init(reading path: String) throws(SystemError) {
        self.init(try retryingInterrupts { unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) })
    }

    /// Opens a directory for listing.
    package init(listing path: String) throws(SystemError) {
        self.init(try retryingInterrupts { unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    }

    /// Opens a directory for listing, by a path of any bytes that does not end in a symbolic link.
    package init(listing path: [UInt8]) throws(SystemError) {
        let name = path.map { CChar(bitPattern: $0) } + [0]
        self.init(
            try retryingInterrupts { unsafe open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) })
    }

    /// Opens a directory with O_PATH, to open files below it; this needs no read permission.
    package init(holding path: String) throws(SystemError) {
        // O_PATH, which the importer does not see: it needs _GNU_SOURCE.
        let pathOnly: Int32 = 0x200000
        self.init(try retryingInterrupts { unsafe open(path, pathOnly | O_DIRECTORY | O_CLOEXEC) })
    }

    /// Opens the file of a descriptor once more for reading, whatever its name leads to by now.
    package init(reopening number: Int32) throws(SystemError) {
        try self.init(reading: "/proc/self/fd/\(number)")
    }

    /// Opens /dev/null as each standard stream that was closed when this process started, so that no other file takes
    /// its number.
    package static func holdStandardStreams() {
        while true {
            let number = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
            if number < 0 { return }
            if number > 2 {
                _ = close(number)
                return
            }
        }
    }
}
