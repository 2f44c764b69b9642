import Glibc

/// The user who started this program through sudo(8), from SUDO_UID, SUDO_GID and SUDO_USER.
///
/// These variables are trusted only if the effective user is root: everyone else can set them to anything.
package struct Invoker: Hashable, Sendable {
    package let uid: UInt32
    package let gid: UInt32
    /// The user's name in SUDO_USER; `nil` if that is missing or not a plain name.
    package let name: String?

    /// `nil` unless another user than root started this program as root through sudo.
    package static let current = Invoker(effectiveUser: geteuid()) { name in
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// `nil` unless the effective user is root, SUDO_UID is a uid other than root's and SUDO_GID is a gid.
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

    /// Whether a file of this owner is trusted: root's, this program's user's, or that of the user who called sudo.
    package static func trusts(_ owner: UInt32) -> Bool {
        owner == 0 || owner == FileAccess.user || owner == current?.uid
    }

    /// Parses a uid or gid in decimal digits; `nil` for (uid_t)-1, which system calls take as "no change".
    package static func number(_ text: String) -> UInt32? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return UInt32(text).flatMap { $0 == .max ? nil : $0 }
    }
}
