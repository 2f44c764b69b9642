internal import Glibc

/// What the kernel offers by a name that is ours, never a user's: of the kernel's own file systems, or below a directory that is
/// held open. All else is opened by `FileAccess`.
extension OwnedDescriptor {
    package init(reading path: String) throws(SystemError) {
        self.init(try retryingInterrupts { unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) })
    }

    /// A directory whose names are wanted.
    package init(listing path: String) throws(SystemError) {
        self.init(try retryingInterrupts { unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    }

    /// A directory that others are opened below, without a right to read it.
    package init(holding path: String) throws(SystemError) {
        // O_PATH, which needs _GNU_SOURCE.
        let pathOnly: Int32 = 0x200000
        self.init(try retryingInterrupts { unsafe open(path, pathOnly | O_DIRECTORY | O_CLOEXEC) })
    }

    /// Opens the file of a descriptor once more for reading, whatever its name leads to by now.
    package init(reopening number: Int32) throws(SystemError) {
        try self.init(reading: "/proc/self/fd/\(number)")
    }

    /// Where this process was started with a standard stream closed, no file of its own may take its number.
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
