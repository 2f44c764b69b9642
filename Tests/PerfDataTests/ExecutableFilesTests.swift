import ByteAccess
import PerfData
import PerfRecords
import TestSupport
import Testing

/// Which files a session's MMAP2 records name, the records laid out as linux/perf_event.h has them.
@Suite struct ExecutableFilesTests {
    private static let events: [SessionWriter.Event] = {
        var attributes = EventAttributes()
        attributes.sampleType = [.identifier, .threadID, .time, .cpu]
        attributes.flags = [.sampleIDAll]
        return [SessionWriter.Event(name: "dummy", attributes: attributes, ids: [1])]
    }()

    private func record(type: UInt32, misc: UInt16 = 2, _ body: [UInt8], time: UInt64? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(type)
        bytes.store(misc)
        bytes.store(UInt16(8 + body.count + 32))
        // The trailer's bytes would read as a longer path. It is pid and tid, time, CPU, identifier.
        var trailer = [UInt8](repeating: 0x61, count: 8)
        trailer.store(time ?? 0x6161_6161_6161_6161)
        return bytes + body + trailer + [UInt8](repeating: 0x61, count: 16)
    }

    private func map(
        _ pid: Int32, _ path: String, inode: UInt64, generation: UInt64 = 3, protection: UInt32 = 5, time: UInt64? = nil
    ) -> [UInt8] {
        var body: [UInt8] = []
        body.store(pid)
        body.store(pid)
        for word in [UInt64(0x1000), 0x2000, 0] { body.store(word) }
        body.store(UInt32(254))
        body.store(UInt32(1))
        body.store(inode)
        body.store(generation)
        body.store(protection)
        body.store(UInt32(2))
        body += Array(path.utf8) + [0]
        body.pad(to: 8)
        return record(type: 10, body, time: time)
    }

    private func fork(_ child: Int32, of parent: Int32) -> [UInt8] {
        var body: [UInt8] = []
        for number in [child, parent, child, parent] { body.store(number) }
        body.store(UInt64(5))
        return record(type: 7, body)
    }

    private func files(_ records: [[UInt8]], roots: Set<Int32>? = [10]) throws -> [ExecutableFile] {
        let directory = try WriterDirectory()
        var writer = try SessionWriter(path: directory.path + "/s.data", events: Self.events, features: [])
        try writer.append(records.flatMap { $0 })
        return writer.executableFiles(roots: roots)
    }

    private func file(_ path: String, inode: UInt64, generation: UInt64 = 3) -> ExecutableFile {
        ExecutableFile(
            path: Array(path.utf8), major: 254, minor: 1, inode: inode, generation: generation,
            mappedAt: 0x6161_6161_6161_6161)
    }

    @Test func eachFileOnce() throws {
        let found = try files([
            map(10, "/bin/sh", inode: 1), map(10, "/lib/libc.so.6", inode: 2), map(10, "/bin/sh", inode: 1),
            // Lengths around the padding, and one path that begins another.
            map(10, "/bin/sh2", inode: 1), map(10, "/bin/s", inode: 1), map(10, "/", inode: 4),
        ])
        #expect(
            found == [
                file("/bin/sh", inode: 1), file("/lib/libc.so.6", inode: 2), file("/bin/sh2", inode: 1),
                file("/bin/s", inode: 1), file("/", inode: 4),
            ])
    }

    @Test func aReplacedFileIsTwo() throws {
        let found = try files([
            map(10, "/x", inode: 1), map(10, "/x", inode: 2), map(10, "/x", inode: 1, generation: 4),
        ])
        #expect(
            found == [file("/x", inode: 1), file("/x", inode: 2), file("/x", inode: 1, generation: 4)])
    }

    /// Another CPU's ring may hold the earlier mapping and be written behind; a file changed between the two is told by it.
    @Test func theFirstMappingInTime() throws {
        let found = try files([
            map(10, "/x", inode: 1, time: 500), map(10, "/y", inode: 2, time: 300), map(10, "/x", inode: 1, time: 200),
            map(10, "/x", inode: 1, time: 400), map(10, "/y", inode: 2, time: 301),
            // Another program's, of no interest.
            map(99, "/y", inode: 2, time: 1),
        ])
        #expect(found.map(\.mappedAt) == [200, 300])
    }

    @Test func whatIsNoFileOrNotExecutable() throws {
        #expect(
            try files([
                map(10, "[vdso]", inode: 0), map(10, "//anon", inode: 0), map(10, "/data", inode: 1, protection: 3),
                map(10, "", inode: 7),
            ]).isEmpty)
    }

    /// Rings are written one after the other: a process may map before the record of its creation, in any depth.
    @Test func theLineageAlone() throws {
        let found = try files([
            map(13, "/c", inode: 3), fork(13, of: 12), fork(12, of: 11), map(12, "/b", inode: 2),
            map(99, "/other", inode: 9), fork(98, of: 99), fork(11, of: 10), fork(10, of: 10),
            map(98, "/other2", inode: 9),
        ])
        #expect(found == [file("/c", inode: 3), file("/b", inode: 2)])
    }

    @Test func damage() throws {
        let whole = map(10, "/bin/sh", inode: 1)
        // A torn record, a size below a header's, and a path that would begin behind the record.
        #expect(try files([whole, Array(whole.dropLast())]).count == 1)
        #expect(try files([whole, [10, 0, 0, 0, 0, 0, 7, 0], map(10, "/y", inode: 2)]).count == 1)
        #expect(
            try files([record(type: 10, [UInt8](repeating: 0x2f, count: 40)), record(type: 10, []), whole]).count == 1)
        #expect(try files([record(type: 7, []), record(type: 7, [10, 0, 0])]).isEmpty)
    }
}
