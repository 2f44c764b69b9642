import Glibc

/// Who started this program through sudo(8), as sudo says in SUDO_UID, SUDO_GID and SUDO_USER.
///
/// These are believed of root's environment alone: everybody else can set them to anything.
public struct Invoker: Hashable, Sendable {
    public let uid: UInt32
    public let gid: UInt32
    /// As sudo calls the user; `nil` where it does not say.
    public let name: String?

    /// `nil` where root was not asked by somebody else through sudo.
    public static var current: Invoker? {
        Invoker(effectiveUser: geteuid()) { name in
            guard let value = unsafe getenv(name) else { return nil }
            return unsafe String(cString: value)
        }
    }

    /// `nil` unless the effective user is root, and both numbers are there and are users' and groups' numbers.
    init?(effectiveUser: UInt32, environment: (String) -> String?) {
        guard effectiveUser == 0, let uid = environment("SUDO_UID").flatMap(CommandUser.number), uid != 0,
            let gid = environment("SUDO_GID").flatMap(CommandUser.number)
        else { return nil }
        self.uid = uid
        self.gid = gid
        let name = environment("SUDO_USER") ?? ""
        let isPlain = name.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x20 && $0.value != 0x7f && $0 != "/" }
        self.name = name.isEmpty || !isPlain ? nil : name
    }

    /// Whether a command is the invoker's own: its file belongs to them, or lies in a directory of theirs, below their home or below
    /// the working directory where that is theirs.
    public func owns(command: String) -> Bool {
        guard let file = CommandFile(command) else { return false }
        if file.owner == uid { return true }
        var directories: [String] = []
        if let home = unsafe getpwuid(uid).flatMap({ unsafe $0.pointee.pw_dir }).map({ unsafe String(cString: $0) }) {
            directories.append(home)
        }
        directories.append(".")
        return directories.contains { directory in
            guard let place = CommandFile.resolved(directory), place.owner == uid, place.path != "/" else {
                return false
            }
            return file.path.hasPrefix(place.path + "/")
        }
    }
}
