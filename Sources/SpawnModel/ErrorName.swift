/// errno(3) names of the errors of execve(2). Numbers are those of the recording machine, whichever machine reads them.
package enum ErrorName {
    private static let names: [Int32: String] = [
        1: "EPERM", 2: "ENOENT", 4: "EINTR", 5: "EIO", 7: "E2BIG", 8: "ENOEXEC", 9: "EBADF", 11: "EAGAIN", 12: "ENOMEM",
        13: "EACCES", 14: "EFAULT", 16: "EBUSY", 20: "ENOTDIR", 21: "EISDIR", 22: "EINVAL", 23: "ENFILE", 24: "EMFILE",
        26: "ETXTBSY", 28: "ENOSPC", 36: "ENAMETOOLONG", 38: "ENOSYS", 40: "ELOOP", 80: "ELIBBAD", 116: "ESTALE",
        126: "ENOKEY", 129: "EKEYREJECTED",
    ]

    /// `ENOENT`; `errno 4000` for a number without a name here.
    package static func of(_ errno: Int32) -> String { names[errno] ?? "errno \(errno)" }
}
