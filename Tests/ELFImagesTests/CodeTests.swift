import Glibc
import TestSupport
import Testing

@testable import ELFImages

/// Code that is read in pieces: the file's bytes, as long as the file is the one that was opened.
@Suite struct CodeTests {
    private static func withCopy(of path: String, _ body: (String, ELFCode) throws -> Void) throws {
        try Compiler.withDirectory { directory in
            let copy = directory + "/copy"
            try Compiler.write(Compiler.bytes(path), to: copy)
            // Written long ago: a change within the same tick of the kernel's clock would leave the time as it is.
            let times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000_000, tv_nsec: 0)]
            try #require(utimensat(AT_FDCWD, copy, times, 0) == 0)
            try body(copy, #require(ELFFile(path: copy).unwindSections().code.first))
        }
    }

    @Test func piecesAreTheFiles() throws {
        try Self.withCopy(of: "/usr/bin/make") { path, code in
            let bytes = try Compiler.bytes(path)
            let layout = try ELFFile(path: path).layout
            let segment = try #require(layout.segments.first { $0.isExecutable })
            let expected = Array(bytes[Int(segment.fileOffset)..<Int(segment.fileOffset + segment.fileSize)])
            let inMemory = try #require(ELFFile(bytes: bytes).unwindSections().code.first)
            for code in [code, inMemory] {
                #expect(code.address == segment.virtualAddress && code.size == segment.fileSize)
                #expect(code.bytes(at: 0, count: 4096) == Array(expected[..<4096]))
                #expect(code.bytes(at: 4000, count: 333) == Array(expected[4000..<4333]))
                // At the end there is what there is.
                let last = UInt64(expected.count - 10)
                #expect(code.bytes(at: last, count: 4096) == Array(expected.suffix(10)))
                #expect(code.bytes(at: segment.fileSize, count: 1) == [])
                for offset in [.max, .max - 7, 1 << 63] as [UInt64] { #expect(code.bytes(at: offset, count: 16) == []) }
                for count in [0, -1, Int.min] { #expect(code.bytes(at: 0, count: count) == []) }
                #expect(code.bytes(at: 0, count: .max).count == min(expected.count, ELFCode.longestPiece))
            }
        }
    }

    /// Cut short, written to, replaced, deleted, or a FIFO in its place: nothing is taken for code, and nobody waits.
    @Test func aFileThatChanges() throws {
        let changes: [(String) throws -> Void] = [
            { path in truncate(path, 4096) },
            { path in try Compiler.write([UInt8](repeating: 0x90, count: 1 << 20), to: path) },
            { path in
                try Compiler.run(["cp", path, path + ".other"])
                try Compiler.run(["mv", path + ".other", path])
            },
            { path in unlink(path) },
            { path in
                unlink(path)
                try Compiler.run(["mkfifo", path])
            },
        ]
        for (number, change) in changes.enumerated() {
            try Self.withCopy(of: "/usr/bin/make") { path, code in
                try #require(code.bytes(at: 0, count: 64).count == 64)
                try change(path)
                #expect(code.bytes(at: 0, count: 64) == [], "change \(number)")
            }
        }
    }

    /// As many images as a session may have, with fewer descriptors.
    @Test func noDescriptorIsKept() throws {
        let before = try Self.openDescriptors()
        let codes = try (0..<100).map { _ in try #require(ELFFile(path: "/usr/bin/make").unwindSections().code.first) }
        for code in codes { #expect(code.bytes(at: 0, count: 16).count == 16) }
        #expect(try Self.openDescriptors() < before + 50)
    }

    private static func openDescriptors() throws -> Int {
        let directory = try #require(opendir("/proc/self/fd"))
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count
    }
}
