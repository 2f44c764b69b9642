import Glibc

/// Who started this program through sudo(8), as sudo says in SUDO_UID, SUDO_GID and SUDO_USER.
///
/// These are believed of root's environment alone: everybody else can set them to anything.
package struct Invoker: Hashable, Sendable {
    package let uid: UInt32
    package let gid: UInt32
    /// As sudo calls the user; `nil` where it does not say.
    package let name: String?

    /// `nil` where root was not asked by somebody else through sudo.
    package static let current = Invoker(effectiveUser: geteuid()) { name in
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// `nil` unless the effective user is root, and both numbers are there and are users' and groups' numbers.
    package init?(effectiveUser: UInt32, environment: (String) -> String?) {
        guard effectiveUser == 0, let uid = environment("SUDO_UID").flatMap(Self.number), uid != 0,
            let gid = environment("SUDO_GID").flatMap(Self.number)
        else { return nil }
        self.uid = uid
        self.gid = gid
        let name = environment("SUDO_USER") ?? ""
        let isPlain = name.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x20 && $0.value != 0x7f && $0 != "/" }
        self.name = name.isEmpty || !isPlain ? nil : name
    }

    /// What such a user owns may be followed: the user's own, root's, and the own of who called sudo.
    package static func trusts(_ owner: UInt32) -> Bool {
        owner == 0 || owner == FileAccess.user || owner == current?.uid
    }

    /// A user's or group's number in digits; `nil` for (uid_t)-1, which the system calls take for none.
    package static func number(_ text: String) -> UInt32? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return UInt32(text).flatMap { $0 == .max ? nil : $0 }
    }
}
