import Glibc
import Testing

@testable import LinuxSystem

/// Whom sudo speaks of is believed of root's environment alone, and only as sudo writes it.
@Suite struct InvokerTests {
    private func invoker(_ uid: String?, _ gid: String?, _ name: String? = nil, as user: UInt32 = 0) -> Invoker? {
        Invoker(effectiveUser: user) { ["SUDO_UID": uid, "SUDO_GID": gid, "SUDO_USER": name][$0] ?? nil }
    }

    @Test func asSudoWritesIt() throws {
        let found = try #require(invoker("1000", "100", "ada"))
        #expect(found.uid == 1000 && found.gid == 100 && found.name == "ada")
        #expect(invoker("4294967294", "0")?.uid == 4_294_967_294)
    }

    @Test func nobodyElseIsBelieved() {
        #expect(invoker("1000", "1000", "ada", as: 1000) == nil)
        #expect(invoker("0", "0", "root") == nil)
    }

    @Test(arguments: [
        "", " 1", "1 ", "+1", "-1", "0x1", "1.0", "4294967295", "4294967296", "18446744073709551616", "１",
    ])
    func noNumber(text: String) {
        #expect(invoker(text, "1000") == nil && invoker("1000", text) == nil)
    }

    @Test func bothAreNeeded() {
        #expect(invoker("1000", nil) == nil && invoker(nil, "1000") == nil)
    }

    @Test(arguments: ["", "a\nb", "../x", "a b", "\u{202e}x"]) func anOddNameIsNone(name: String) throws {
        let found = try #require(invoker("1000", "1000", name))
        #expect(found.name == nil)
    }
}
