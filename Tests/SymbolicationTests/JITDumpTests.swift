import ELFImages
import Glibc
import TestSupport
import Testing

@testable import Symbolication

/// Dumps of JIT compilers, laid out by hand after tools/perf/Documentation/jitdump-specification.txt.
@Suite struct JITDumpTests {
    /// A dump's bytes.
    private struct Dump {
        var bytes: [UInt8]

        init(magic: UInt32 = 0x4A69_5444, version: UInt32 = 1, machine: UInt32 = 62, flags: UInt64 = 0) {
            bytes = []
            store(magic)
            store(version)
            store(UInt32(40))
            store(machine)
            store(UInt32(0))
            store(UInt32(42))
            store(UInt64(1))
            store(flags)
        }

        mutating func store(_ value: UInt32) { withUnsafeBytes(of: value) { bytes += $0 } }
        mutating func store(_ value: UInt64) { withUnsafeBytes(of: value) { bytes += $0 } }

        /// JIT_CODE_LOAD.
        mutating func load(_ time: UInt64, _ name: String, _ start: UInt64, _ size: UInt64, index: UInt64 = 1) {
            let code = [UInt8](repeating: 0x90, count: Int(min(size, 64)))
            store(UInt32(0))
            store(UInt32(56 + name.utf8.count + 1 + code.count))
            for value: UInt64 in [time, 42 | 42 << 32, start, start, size, index] { store(value) }
            bytes += Array(name.utf8) + [0] + code
        }

        /// JIT_CODE_MOVE.
        mutating func move(_ time: UInt64, _ old: UInt64, _ new: UInt64, _ size: UInt64, index: UInt64 = 1) {
            store(UInt32(1))
            store(UInt32(64))
            for value: UInt64 in [time, 42 | 42 << 32, new, old, new, size, index] { store(value) }
        }

        /// A record of another kind.
        mutating func other(_ kind: UInt32, size: UInt32 = 24) {
            store(kind)
            store(size)
            store(UInt64(5))
            bytes += [UInt8](repeating: 0xff, count: max(0, Int(size) - 16))
        }
    }

    private func read(_ bytes: [UInt8], machine: UInt32? = 62) throws -> JITDump {
        try JITDump(size: UInt64(bytes.count), machine: machine) { offset, count in
            let start = min(Int(offset), bytes.count)
            return Array(bytes[start..<min(start + count, bytes.count)])
        }
    }

    private func names(_ bytes: [UInt8], at times: [UInt64], _ address: UInt64) throws -> [String] {
        let timeline = JITTimeline(try read(bytes), isTimed: true)
        return times.map { time in
            let table = timeline.table(timeline.index(at: time))
            return table.index(containing: address).map { String(decoding: table.name(at: $0), as: UTF8.self) } ?? "-"
        }
    }

    @Test func functionsOfADump() throws {
        var dump = Dump()
        dump.load(10, "alpha", 0x1000, 0x20)
        dump.other(2)
        dump.other(4, size: 40)
        dump.load(20, "beta", 0x1020, 0x10, index: 2)
        dump.other(3, size: 16)
        for (address, name) in [
            (0xfff, "-"), (0x1000, "alpha"), (0x101f, "alpha"), (0x1020, "beta"), (0x102f, "beta"), (0x1030, "-"),
        ] as [(UInt64, String)] {
            #expect(try names(dump.bytes, at: [30], address) == [name])
        }
    }

    /// What is compiled later into the same place names it from then on.
    @Test func codeThatTakesAnothersPlace() throws {
        var dump = Dump()
        dump.load(10, "alpha", 0x1000, 0x40)
        dump.load(30, "gamma", 0x1010, 0x20, index: 3)
        // The file's order is not the order of time.
        dump.load(20, "beta", 0x1020, 0x40, index: 2)
        #expect(
            try names(dump.bytes, at: [0, 10, 19, 20, 29, 30, .max], 0x1028)
                == ["alpha", "alpha", "alpha", "beta", "beta", "gamma", "gamma"])
        #expect(try names(dump.bytes, at: [19, 20, 30], 0x1008) == ["alpha", "-", "-"])
        #expect(try names(dump.bytes, at: [19, 20, 30], 0x1050) == ["-", "beta", "-"])
        let untimed = JITTimeline(try read(dump.bytes), isTimed: false)
        #expect(untimed.starts == [0])
    }

    @Test func codeThatMoves() throws {
        var dump = Dump()
        dump.load(10, "alpha", 0x1000, 0x40, index: 7)
        dump.move(20, 0x1000, 0x8000, 0x40, index: 7)
        dump.move(25, 0x1000, 0x9000, 0x40, index: 8)
        #expect(try names(dump.bytes, at: [10, 20], 0x1000) == ["alpha", "-"])
        #expect(try names(dump.bytes, at: [19, 20], 0x8010) == ["-", "alpha"])
        #expect(try names(dump.bytes, at: [30], 0x9000) == ["-"])
    }

    @Test func whatIsRefused() throws {
        for (dump, problem) in [
            (Dump(magic: 0x4454_694A), .otherByteOrder), (Dump(magic: 1), .notADump), (Dump(version: 2), .version(2)),
            (Dump(machine: 183), .otherMachine(183)), (Dump(flags: 1), .architectureTime),
        ] as [(Dump, JITDumpError)] {
            #expect(throws: problem) { try read(dump.bytes) }
        }
        #expect(throws: JITDumpError.notADump) { try read(Array(Dump().bytes.prefix(39))) }
        #expect(try read(Dump(machine: 183).bytes, machine: nil).codes.isEmpty)
    }

    /// Cut off anywhere, and with bytes changed: what precedes is used, nothing traps.
    @Test(arguments: [RandomSeed.ofThisRun])
    func damage(seed: UInt64) throws {
        var dump = Dump()
        for number in 0..<50 as Range<UInt64> {
            dump.load(number, "function\(number)", 0x1000 + number % 7 * 0x100, 0x100, index: number)
            if number % 5 == 0 { dump.move(number, 0x1000, 0x5000 + number, 0x80, index: number) }
        }
        let whole = try read(dump.bytes)
        #expect(whole.problem == nil && whole.codes.count == 70)
        for count in 40..<dump.bytes.count {
            let part = try read(Array(dump.bytes.prefix(count)))
            #expect(part.problem == nil && part.codes.count <= 70)
        }
        var random = Xorshift(seed: seed)
        for _ in 0..<2000 {
            var bytes = dump.bytes
            for _ in 0...random.next(below: 3) {
                let place = 40 + random.next(below: bytes.count - 48)
                let value = random.extreme()
                withUnsafeBytes(of: value) { bytes.replaceSubrange(place..<place + 8, with: $0) }
            }
            let timeline = JITTimeline(try read(bytes), isTimed: true)
            #expect(timeline.starts == timeline.starts.sorted())
            _ = timeline.table(timeline.starts.count - 1)
        }
        var short = Dump()
        short.load(1, "kept", 0x1000, 0x10)
        let end = UInt64(short.bytes.count)
        short.other(9, size: 8)
        let part = try read(short.bytes)
        #expect(part.problem == .damaged(offset: end) && part.codes.count == 1)
    }

    /// Through the symbolizer: the dump names memory without a file from when its process mapped it, and each time has its name.
    @Test func aProcessWithADump() throws {
        try Compiler.withDirectory { directory in
            var dump = Dump()
            dump.load(10, "alpha", 0x1000, 0x40)
            dump.load(30, "beta", 0x1000, 0x40)
            let path = directory + "/jit-42.dump"
            try Compiler.write(dump.bytes, to: path)
            try Compiler.write(Array("1000 100 of the map\n".utf8), to: directory + "/perf-42.map")
            var status = stat()
            try #require(stat(path, &status) == 0)
            for (inode, isOwn) in [(UInt64(status.st_ino), true), (UInt64(status.st_ino) + 1, false)] {
                var settings = SymbolSettings()
                settings.jitMapDirectory = directory
                settings.hasMonotonicTimes = true
                let symbolizer = Symbolizer(style: .best, settings: settings)
                symbolizer.map(
                    process: 42, start: 0x1000, length: 0x1000, fileOffset: 0, path: "//anon", buildID: nil,
                    isExecutable: true)
                func name(_ time: UInt64) -> String {
                    symbolizer.advance(to: time)
                    return symbolizer.name(
                        of: symbolizer.frame(process: 42, address: 0x1008, isKernel: false, isReturnAddress: false))
                }
                #expect(name(5) == "of the map")
                symbolizer.map(
                    process: 42, start: 0x9000, length: 0x1000, fileOffset: 0, path: path, buildID: nil,
                    isExecutable: true, numbers: FileNumbers(major: 0, minor: 1, inode: inode))
                #expect(
                    [name(10), name(29), name(30), name(31)]
                        == (isOwn ? ["alpha", "alpha", "beta", "beta"] : Array(repeating: "of the map", count: 4)))
                #expect(
                    symbolizer.problems
                        == (isOwn ? [] : [ImageError(path: path, reason: .jitFile(.otherFile))]))
            }
        }
    }
}
