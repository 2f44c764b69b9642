import ByteAccess
@testable import Capture
import Glibc
import PerfData
import PerfRecords
import TestSupport
import Testing

/// A ring in a plain file, with the positions where the kernel's page has them (perf_event_mmap_page).
private final class RingFile {
    static let size = 4096
    private static let head: off_t = 1024
    private static let tail: off_t = 1032
    let directory: String
    let number: Int32

    var session: String { directory + "/s.data" }

    init(_ records: [UInt8]) throws {
        var template = Array("/tmp/spawnscope-ring-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        number = open(directory + "/ring", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        try #require(number >= 0 && ftruncate(number, off_t(page + Self.size)) == 0)
        try #require(pwrite(number, records, records.count, off_t(page)) == records.count)
    }

    deinit {
        close(number)
        for name in ["/ring", "/s.data", "/s.data.old"] { unlink(directory + name) }
        rmdir(directory)
    }

    /// What the kernel would take for read.
    func released() throws -> UInt64 {
        var value: UInt64 = 0
        try #require(pread(number, &value, 8, Self.tail) == 8)
        return value
    }

    func publish(head: UInt64) throws {
        var value = head
        try #require(pwrite(number, &value, 8, Self.head) == 8)
    }

    /// The data of a session of so many bytes that is not finished.
    func written(_ count: UInt64, from offset: UInt64) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(count))
        let file = open(session, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        try #require(pread(file, &bytes, bytes.count, off_t(offset)) == bytes.count)
        return bytes
    }
}

@Suite struct RingTests {
    private static let identifier: UInt64 = 5
    private static let events = [SessionWriter.Event(name: "a", attributes: EventAttributes(), ids: [identifier])]

    /// `{ header; u64 identifier; u64 size; u8 data[size]; u64 dyn_size; }`
    private func sample(kept: Int, used: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(9))
        bytes.store(UInt16(0))
        bytes.store(UInt16(32 + kept))
        bytes.store(Self.identifier)
        bytes.store(UInt64(kept))
        for index in 0..<kept { bytes.append(index < used ? UInt8(truncatingIfNeeded: index) : 0) }
        bytes.store(UInt64(used))
        return bytes
    }

    /// The kernel's dumps go on while the file system takes its time.
    @Test func givesTheRoomOfDumpsBackBeforeTheyAreWritten() throws {
        let file = try RingFile(sample(kept: 1024, used: 40) + sample(kept: 1024, used: 8))
        let ring = try Ring(descriptor: file.number, size: RingFile.size)
        ring.trim(identifier: Self.identifier, dumpSize: 1024)
        try file.publish(head: 2 * 1056)
        let head = ring.head()
        #expect(head == 2112 && ring.unread(upTo: head) == 2112)

        var session = try SessionWriter(path: file.session, events: Self.events, features: [])
        ring.copyDumps(upTo: head)
        #expect(try file.released() == head)
        #expect(session.dataSize == 0)

        let drained = try ring.drain(upTo: head, into: &session)
        let expected = sample(kept: 40, used: 40) + sample(kept: 8, used: 8)
        #expect(drained)
        #expect(session.dataSize == UInt64(expected.count))
        #expect(try file.written(session.dataSize, from: session.dataOffset) == expected)
    }

    /// A round in which nothing happened on a CPU must not have its last one again.
    @Test func writesWhatWasCopiedOnce() throws {
        let file = try RingFile(sample(kept: 64, used: 8))
        let ring = try Ring(descriptor: file.number, size: RingFile.size)
        ring.trim(identifier: Self.identifier, dumpSize: 64)
        try file.publish(head: 96)
        var session = try SessionWriter(path: file.session, events: Self.events, features: [])
        ring.copyDumps(upTo: 96)
        let first = try ring.drain(upTo: 96, into: &session)
        let size = session.dataSize
        ring.copyDumps(upTo: 96)
        let second = try ring.drain(upTo: 96, into: &session)
        #expect(first && !second)
        #expect(size == 40 && session.dataSize == size)
    }

    @Test func writesStraightFromARingWithoutDumps() throws {
        let records = sample(kept: 64, used: 8)
        let file = try RingFile(records)
        let ring = try Ring(descriptor: file.number, size: RingFile.size)
        try file.publish(head: 96)
        var session = try SessionWriter(path: file.session, events: Self.events, features: [])
        ring.copyDumps(upTo: 96)
        #expect(try file.released() == 0)
        let drained = try ring.drain(upTo: 96, into: &session)
        #expect(drained)
        #expect(try file.released() == 96)
        #expect(try file.written(session.dataSize, from: session.dataOffset) == records)
    }

    /// A head that does not go with the tail is not believed.
    @Test func takesNothingFromAHeadBeyondTheRing() throws {
        let file = try RingFile([])
        let ring = try Ring(descriptor: file.number, size: RingFile.size)
        ring.trim(identifier: Self.identifier, dumpSize: 64)
        try file.publish(head: 1 << 40)
        var session = try SessionWriter(path: file.session, events: Self.events, features: [])
        ring.copyDumps(upTo: ring.head())
        let drained = try ring.drain(upTo: ring.head(), into: &session)
        #expect(!drained && session.dataSize == 0)
        #expect(try file.released() == 0)
    }
}
