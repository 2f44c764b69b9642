import Glibc
import TestSupport
import Testing

@testable import LinuxSystem

@Suite("A path is walked along by who must not be led astray")
struct TrustedPathTests {
    private let directory = ScratchDirectory()

    private func resolved(_ name: String, followsLast: Bool = true) throws -> String {
        let path = try TrustedPath(directory.path + "/" + name, followsLast: followsLast)
        return try ScratchDirectory.target(of: path.directory.number) + "/" + path.name
    }

    @Test("a name that is not there yet has a directory all the same")
    func newName() throws {
        #expect(try resolved("new") == directory.path + "/new")
        #expect(try resolved("./new") == directory.path + "/new")
        #expect(throws: FileError.system(ENOENT)) { try resolved("none/new") }
    }

    @Test("a link of the user's own is followed, in every part of the path")
    func ownLinks() throws {
        try directory.makeDirectory("real")
        try directory.link("way", to: "real")
        try directory.link("last", to: "way/file")
        #expect(try resolved("way/file") == directory.path + "/real/file")
        #expect(try resolved("last") == directory.path + "/real/file")
        #expect(try resolved("last", followsLast: false) == directory.path + "/last")
    }

    @Test("another user's link is not, in no part of the path", .enabled(if: geteuid() == 0))
    func foreignLinks() throws {
        try directory.makeDirectory("real")
        for (name, target) in [("way", "real"), ("last", "real/file"), ("absolute", "/etc/passwd"), ("up", "../..")] {
            try directory.link(name, to: target)
            #expect(lchown(directory.path + "/" + name, 1234, 1234) == 0)
        }
        for name in ["way/file", "last", "absolute", "up/x"] {
            #expect(throws: FileError.foreignLink(1234), "\(name)") { try resolved(name) }
        }
        try directory.link("ours", to: "last")
        #expect(throws: FileError.foreignLink(1234)) { try resolved("ours") }
        // Where the last name stands for itself, nobody is led anywhere.
        #expect(try resolved("last", followsLast: false) == directory.path + "/last")
    }

    @Test("links without an end, and what is no directory, are errors")
    func dead() throws {
        try directory.link("loop", to: "loop")
        #expect(throws: FileError.system(ELOOP)) { try resolved("loop") }
        try directory.write("file", "x")
        #expect(throws: FileError.system(ENOTDIR)) { try resolved("file/below") }
        for name in ["", ".", "..", "file/."] {
            #expect(throws: (any Error).self, "\(name)") {
                _ = try TrustedPath(name.isEmpty ? "" : directory.path + "/" + name)
            }
        }
        #expect(throws: (any Error).self) { _ = try TrustedPath("/") }
        #expect(throws: (any Error).self) { _ = try TrustedPath(String(repeating: "a/", count: 4000) + "b") }
    }
}
