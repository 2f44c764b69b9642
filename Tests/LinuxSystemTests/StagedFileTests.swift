import Glibc
import Testing

@testable import LinuxSystem

@Suite("A file that gets its name when it is complete")
struct StagedFileTests {
    private let directory = ScratchDirectory()

    private func stage(_ name: String, _ purpose: StagedFile.Purpose = .result, _ text: String = "new") throws
        -> StagedFile
    {
        let staged = try StagedFile.begin(directory.path + "/" + name, purpose)
        #expect(write(staged.descriptor.number, text, text.utf8.count) == text.utf8.count)
        return staged
    }

    @Test("is not there before, and nothing else is after")
    func complete() throws {
        let staged = try stage("a.svg")
        #expect(directory.names == [])
        try staged.commit()
        #expect(directory.names == ["a.svg"] && directory.text("a.svg") == "new")
    }

    @Test("leaves what was there where it is given up")
    func givenUp() throws {
        try directory.write("a", "old")
        do { _ = try stage("a") }
        #expect(directory.names == ["a"] && directory.text("a") == "old")
    }

    @Test("keeps the mode of what it replaces, without rights to change the user")
    func mode() throws {
        try directory.write("a", "old", mode: 0o4640)
        try stage("a").commit()
        #expect(directory.mode("a") == 0o640 && directory.text("a") == "new")
    }

    @Test(
        "a session is its owner's alone, whatever was there", arguments: [StagedFile.Purpose.session, .recordedSession])
    func session(purpose: StagedFile.Purpose) throws {
        try directory.write("s", "old", mode: 0o666)
        try stage("s", purpose).commit()
        #expect(directory.mode("s") == 0o600)
        #expect(directory.names == (purpose == .session ? ["s", "s.old"] : ["s"]))
    }

    @Test("another user's file has no say in the mode", .enabled(if: geteuid() == 0))
    func foreignFile() throws {
        for (name, purpose) in [("a", StagedFile.Purpose.result), ("b", .packedSession)] {
            try directory.write(name, "old", mode: 0o666)
            #expect(chown(directory.path + "/" + name, 1234, 1234) == 0)
            try stage(name, purpose).commit()
            var status = stat()
            #expect(lstat(directory.path + "/" + name, &status) == 0 && status.st_uid == geteuid())
            #expect(status.st_mode & 0o022 == 0)
        }
    }

    @Test("a link is followed where it is the user's own, and stays a link")
    func ownLink() throws {
        try directory.write("real", "old")
        try directory.link("link", to: "real")
        try stage("link").commit()
        #expect(directory.text("real") == "new" && directory.names == ["link", "real"])
    }

    @Test("another user's link is refused, and what it leads to is left alone", .enabled(if: geteuid() == 0))
    func foreignLink() throws {
        try directory.write("victim", "old", mode: 0o600)
        try directory.link("link", to: "victim")
        #expect(lchown(directory.path + "/link", 1234, 1234) == 0)
        for purpose in [StagedFile.Purpose.result, .session, .packedSession, .recordedSession, .new] {
            #expect(throws: FileError.foreignLink(1234)) { try stage("link", purpose) }
        }
        #expect(directory.text("victim") == "old" && directory.mode("victim") == 0o600)
    }

    @Test("a name that is exchanged for a link meanwhile is replaced itself")
    func exchanged() throws {
        try directory.write("victim", "old", mode: 0o600)
        let staged = try stage("s", .recordedSession)
        try directory.link("s", to: "victim")
        try staged.commit()
        #expect(directory.text("victim") == "old" && directory.mode("victim") == 0o600 && directory.text("s") == "new")
    }

    @Test("a new file replaces nothing, one that comes meanwhile neither")
    func new() throws {
        try directory.write("there", "old")
        #expect(throws: FileError.system(EEXIST)) { try stage("there", .new) }
        let staged = try stage("b", .new)
        try directory.write("b", "first")
        #expect(throws: FileError.system(EEXIST)) { try staged.commit() }
        #expect(directory.text("b") == "first")
    }

    @Test(
        "devices, sockets, directories and FIFOs without a reader are refused", arguments: ["/dev/zero", "/dev/full"])
    func devices(path: String) throws {
        for purpose in [StagedFile.Purpose.result, .session, .packedSession] {
            #expect(throws: FileError.notRegular) { try StagedFile.begin(path, purpose) }
        }
        #expect(throws: FileError.system(EISDIR)) { try stage("..") }
        #expect(mkfifo(directory.path + "/fifo", 0o600) == 0)
        #expect(throws: FileError.system(ENXIO)) { try stage("fifo") }
        // Nowhere, which harms nobody.
        try StagedFile.begin("/dev/null", .result).commit()
    }

    @Test("another user's FIFO is refused, read or not", .enabled(if: geteuid() == 0))
    func foreignFIFO() throws {
        #expect(mkfifo(directory.path + "/fifo", 0o666) == 0 && chown(directory.path + "/fifo", 1234, 1234) == 0)
        let reader = open(directory.path + "/fifo", O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        #expect(throws: FileError.notRegular) { try stage("fifo") }
    }
}
