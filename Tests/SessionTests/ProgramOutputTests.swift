import ByteAccess
import PerfRecords
import Session
import TestSupport
import Testing

@Suite struct ProgramOutputTests {
    /// The bytes as the program writes them, padding included.
    private static func bytes(_ result: Int32, directory: Int32 = -100, length: Int32? = nil, _ path: String) -> [UInt8]
    {
        var raw: [UInt8] = []
        raw.store(result)
        raw.store(directory)
        raw.store(length ?? Int32(path.utf8.count + 1))
        raw += Array(path.utf8) + [0]
        while (raw.count + 4) % 8 != 0 { raw.append(0x58) }
        return raw
    }

    private static func decode(_ raw: [UInt8], _ range: Range<Int>? = nil) -> ProgramOutput.FailedExec? {
        let span = raw.span.bytes
        return ProgramOutput.FailedExec(in: span, raw: range ?? 0..<raw.count)
    }

    @Test func aPathAsPassed() throws {
        let failure = try #require(Self.decode(Self.bytes(-2, "/usr/local/bin/ls")))
        #expect(failure.errno == 2 && failure.path == "/usr/local/bin/ls")
        #expect(Self.decode(Self.bytes(-13, "bin/ls"))?.path == "bin/ls")
        #expect(Self.decode(Self.bytes(-2, ""))?.path == "")
    }

    @Test func aDirectoryDescriptorIsShownAsTheKernelDoes() {
        #expect(Self.decode(Self.bytes(-2, directory: 5, "name"))?.path == "/dev/fd/5/name")
        #expect(Self.decode(Self.bytes(-2, directory: 5, ""))?.path == "/dev/fd/5")
        #expect(Self.decode(Self.bytes(-2, directory: 5, "/bin/x"))?.path == "/bin/x")
        #expect(Self.decode(Self.bytes(-9, directory: -1, "name"))?.path == "/dev/fd/-1/name")
    }

    @Test func longPathsAreCutAndMarked() {
        let whole = String(repeating: "a", count: 256)
        #expect(Self.decode(Self.bytes(-36, whole))?.path == whole)
        #expect(Self.decode(Self.bytes(-36, whole + "b"))?.path == whole + "[...]")
        #expect(Self.decode(Self.bytes(-36, whole + whole + whole))?.path == whole + "[...]")
    }

    @Test func whatCouldNotBeReadIsNotKnown() throws {
        let failure = try #require(Self.decode(Self.bytes(-14, length: -14, "")))
        #expect(failure.errno == 14 && failure.path == nil)
        #expect(Self.decode(Self.bytes(-14, length: .min, "x"))?.path == nil)
    }

    /// Linux 5.10 does not count the NUL of an empty string: 12 bytes without a path.
    @Test func anEmptyPathOfAnOlderKernel() throws {
        func decode(directory: Int32 = -100) -> ProgramOutput.FailedExec? {
            Self.decode(Self.bytes(-2, directory: directory, length: 0, ""), 0..<12)
        }
        let failure = try #require(decode())
        #expect(failure.errno == 2 && failure.path == "")
        #expect(decode(directory: 5)?.path == "/dev/fd/5")
        // What follows is no part of it.
        #expect(Self.decode(Self.bytes(-2, length: 0, "x"))?.path == "")
    }

    @Test func bytesOfAnybody() {
        // No failure, or no errno.
        for result in [0, 1, Int32.max, -4096, Int32.min] { #expect(Self.decode(Self.bytes(result, "/x")) == nil) }
        // Too short, and lengths that lie: never further than the raw bytes.
        let raw = Self.bytes(-2, length: .max, "/bin/x")
        for count in 0..<12 { #expect(Self.decode(raw, 0..<count) == nil) }
        #expect(Self.decode(raw, 0..<12)?.path == "")
        #expect(Self.decode(raw, 0..<15)?.path == "/bi")
        #expect(Self.decode(raw)?.path == "/bin/x")
        #expect(Self.decode(Self.bytes(-2, length: 3, "/bin/x"))?.path == "/bi")
        // A range that the record does not hold.
        #expect(Self.decode(raw, 16..<4000) == nil)
        #expect(Self.decode(raw, 4000..<8000) == nil)
        var generator = Xorshift()
        for _ in 0..<2000 {
            let size = Int.random(in: 0...40, using: &generator)
            var junk = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if size >= 4 { junk.store(Int32(-2), at: 0) }
            if let path = Self.decode(junk)?.path { #expect(path.utf8.count < 200) }
        }
    }

    @Test func theReapedChild() {
        var raw: [UInt8] = []
        for word in [Int32(77), 1, 0] { raw.store(word) }
        let span = raw.span.bytes
        #expect(ProgramOutput.reapedChild(in: span, raw: 0..<12) == 77)
        #expect(ProgramOutput.reapedChild(in: span, raw: 0..<8) == nil)
        #expect(ProgramOutput.reapedChild(in: span, raw: 12..<24) == nil)
    }

    @Test func sizes() {
        func raw(_ first: UInt64, _ second: UInt64) -> [UInt8] {
            var bytes: [UInt8] = []
            for word in [first, second, 0] { bytes.store(word) }
            return bytes
        }
        func image(_ bytes: [UInt8], _ range: Range<Int> = 0..<20) -> ProgramOutput.ImageSizes? {
            ProgramOutput.ImageSizes(in: bytes.span.bytes, raw: range)
        }
        func spawner(_ bytes: [UInt8], _ range: Range<Int> = 0..<20) -> ProgramOutput.SpawnerSize? {
            ProgramOutput.SpawnerSize(in: bytes.span.bytes, raw: range)
        }
        #expect(image(raw(12, 3000)) == ProgramOutput.ImageSizes(arguments: 12, environment: 3000))
        #expect(spawner(raw(4096, 8192)) == ProgramOutput.SpawnerSize(pageTables: 4096, resident: 8192))
        #expect(spawner(raw(4096, .max)) == ProgramOutput.SpawnerSize(pageTables: 4096, resident: nil))
        // More than an address space holds, too short, and not in the record at all.
        for size in [UInt64.max, 1 << 57] {
            #expect(image(raw(size, 1)) == nil && image(raw(1, size)) == nil && spawner(raw(size, 1)) == nil)
        }
        for range in [0..<15, 12..<40, 24..<40, 4000..<4020] {
            #expect(image(raw(1, 1), range) == nil && spawner(raw(1, 1), range) == nil)
        }
    }

    @Test func onlyProgramsOutputsAreOutputs() {
        var attributes = EventAttributes()
        attributes.type = EventAttributes.Kind.software
        attributes.config = EventAttributes.Software.bpfOutput
        #expect(ProgramOutput(name: "spawnscope:failed_exec", attributes: attributes) == .failedExec)
        #expect(ProgramOutput(name: "bpf-output", attributes: attributes) == nil)
        attributes.config = EventAttributes.Software.cpuClock
        #expect(ProgramOutput(name: "spawnscope:failed_exec", attributes: attributes) == nil)
    }
}
