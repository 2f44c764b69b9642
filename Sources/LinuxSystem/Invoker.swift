import Glibc

/// Who uses this program: who runs it, or who had root run it by sudo(8).
package struct Invoker: Hashable, Sendable {
    package let user: UInt32
    package let group: UInt32

    /// The one behind sudo, `nil` where nobody is: only root may be told so, since anybody can set the variables.
    package static let ofSudo: Invoker? = {
        guard geteuid() == 0, let user = number("SUDO_UID"), let group = number("SUDO_GID"), user != 0 else {
            return nil
        }
        return Invoker(user: user, group: group)
    }()

    /// What such a user owns may be followed: the user's own, root's, and the own of who called sudo.
    package static func trusts(_ owner: UInt32) -> Bool {
        owner == 0 || owner == geteuid() || owner == ofSudo?.user
    }

    private static func number(_ name: String) -> UInt32? {
        guard let text = unsafe getenv(name) else { return nil }
        let digits = unsafe String(cString: text)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = UInt32(digits), number != .max
        else { return nil }
        return number
    }
}
