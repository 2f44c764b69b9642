import TestSupport
import Testing

/// Recorders that put a command into the place of a comm, and whoever writes a file by hand.
@Suite struct LongCommTests {
    /// The first line's comm.
    private func comm(_ name: String, usesPerfNames: Bool) throws -> String {
        var session = HandmadeSession(tracepoints: [])
        session.comm(5, name)
        session.sample(5, stack: [0x1000])
        let line = try #require(try session.fold(event: nil, usesPerfNames: usesPerfNames).first)
        return String(line.split(separator: ";")[0])
    }

    @Test(arguments: [15, 16, 63, 64, 65, 200, 4096], [false, true])
    func theWholeNameIsRead(length: Int, usesPerfNames: Bool) throws {
        let name = "/data/" + String(repeating: "x", count: length - 6)
        #expect(try comm(name, usesPerfNames: usesPerfNames) == name)
    }

    /// Two bytes a character, one of them on the old border.
    @Test func charactersStayWhole() throws {
        let name = "a" + String(repeating: "ä", count: 40)
        #expect(try comm(name, usesPerfNames: false) == name)
    }

    @Test(arguments: [4097, 60_000])
    func whatIsLongerThanAPathIsCutAndMarked(length: Int) throws {
        let text = try comm(String(repeating: "x", count: length), usesPerfNames: false)
        #expect(text == String(repeating: "x", count: 4096) + "…")
    }
}
