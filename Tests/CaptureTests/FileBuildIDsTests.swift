@testable import Capture
import Glibc
import PerfData
import TestSupport
import Testing
import LinuxSystem

/// Build IDs are taken from the file that was recorded, or not at all.
@Suite struct FileBuildIDsTests {
    private let directory = SessionDirectory()
    private var path: String { directory.session }

    private func write(_ content: String) throws -> stat {
        unlink(path)
        let number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        try #require(number >= 0)
        defer { close(number) }
        #expect(Glibc.write(number, content, content.utf8.count) == content.utf8.count)
        var status = stat()
        try #require(fstat(number, &status) == 0)
        return status
    }

    private func recorded(_ status: stat, path: String? = nil, inodeChange: UInt64 = 0) -> ExecutableFile {
        // gnu_dev_major(3), gnu_dev_minor(3)
        let device = UInt64(status.st_dev)
        let major = device >> 8 & 0xfff | device >> 32 & 0xffff_f000
        let minor = device & 0xff | device >> 12 & 0xffff_ff00
        return ExecutableFile(
            path: Array((path ?? self.path).utf8), major: UInt32(major), minor: UInt32(minor),
            inode: UInt64(status.st_ino) + inodeChange, generation: 0)
    }

    private func read(_ path: String) -> [UInt8]? { try? SystemFile.bytes(path, limit: 20) }

    @Test func theFileThatWasRecorded() throws {
        let file = recorded(try write("id"))
        let found = FileBuildIDs(of: [file], read: read)
        #expect(found.entries == [.init(path: Array(path.utf8), buildID: Array("id".utf8))])
        #expect(found.note == nil)
        #expect(FileBuildIDs(of: [file]) { _ in nil }.entries.isEmpty)
    }

    @Test func anotherFileUnderThePath() throws {
        let found = FileBuildIDs(of: [recorded(try write("id"), inodeChange: 1)], read: read)
        #expect(found.entries.isEmpty)
        #expect(
            found.note == "\(path) is not the file that was recorded: replaced meanwhile, or of another root directory;"
                + " its functions get no names")
        #expect(found.others(limit: 4096) == [Array(path.utf8)] && found.others(limit: 3).isEmpty)
    }

    /// The inode is the recorded one, but was written to after it was mapped.
    @Test func otherContentsUnderTheSameInode() throws {
        var file = recorded(try write("id"))
        file.mappedAt = 5
        var status = stat()
        try #require(stat(path, &status) == 0)
        let changed = UInt64(status.st_ctim.tv_sec) * 1_000_000_000 + UInt64(status.st_ctim.tv_nsec)
        let before = FileBuildIDs(of: [file], wallTime: { $0 &+ (changed - 6) }, read: read)
        #expect(before.entries.isEmpty && before.replaced == [Array(path.utf8)])
        let after = FileBuildIDs(of: [file], wallTime: { $0 &+ (changed - 5) }, read: read)
        #expect(after.entries.count == 1 && after.replaced.isEmpty)
    }

    @Test func twoFilesUnderOnePath() throws {
        let status = try write("id")
        let files = [recorded(status), recorded(status, inodeChange: 1), recorded(status, inodeChange: 2)]
        let found = FileBuildIDs(of: files + [recorded(status, path: "/usr", inodeChange: 0)], read: read)
        #expect(found.entries.isEmpty && found.replaced == [Array(path.utf8)])
        let two = FileBuildIDs(
            of: files
                + files.map { file in
                    var file = file
                    file.path += Array(".".utf8)
                    return file
                }, read: read)
        #expect(two.note?.contains(" (and 1 more) is not the file") == true)
    }

    /// Gone, a directory, a FIFO that nobody writes to: no ID, nothing to say, and no waiting.
    @Test func whatIsNoFile() throws {
        let status = try write("id")
        unlink(path)
        #expect(mkfifo(path, 0o600) == 0)
        for path in [path, "/nonexistent", "/usr", "/dev/null", ""] {
            let found = FileBuildIDs(of: [recorded(status, path: path)], read: read)
            #expect(found.entries.isEmpty && found.note == nil && found.gone == [Array(path.utf8)])
        }
    }

    /// What a mapping of ours is told with decides where stat(2) shows other numbers.
    @Test func identityFromMaps() {
        let maps = Array(
            """
            7f0000000000-7f0000001000 r--p 00000000 fe:1f 11                         /a
            7f0000001000-7f0000002000 r--p 00000000 00:2a 253911                     /b c
            short

            """.utf8)
        func identity(_ start: String) -> [UInt64]? {
            RecordedFile.identity(maps: maps, start: start).map { [$0.0, $0.1, $0.2] }
        }
        #expect(identity("7f0000001000") == [0, 0x2a, 253_911])
        #expect(identity("7f0000000000") == [0xfe, 0x1f, 11])
        #expect(identity("7f00000010") == nil && identity("short") == nil)
    }

    @Test func kernelNotes() {
        let other: [UInt8] = [6, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0] + Array("Linux\0\0\0".utf8) + [7, 0, 0, 0]
        let wanted: [UInt8] = [4, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0] + Array("GNU\0".utf8) + [1, 2, 3, 0]
        #expect(FileBuildIDs.buildID(inNotes: other + wanted) == [1, 2, 3])
        #expect(FileBuildIDs.buildID(inNotes: other) == nil)
        #expect(FileBuildIDs.buildID(inNotes: other + wanted.dropLast(2)) == nil)
        #expect(FileBuildIDs.buildID(inNotes: [UInt8](repeating: 0xff, count: 40)) == nil)
    }
}
