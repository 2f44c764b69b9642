import Glibc
import PerfData
import PerfRecords
import TestSupport
import Testing

/// `perf record --threads` leaves a directory: `data`, and each ring's records in `data.0`, `data.1`…
@Suite struct DataDirectoryTests {
    /// Goes away with the value.
    private final class Directory {
        let path = "/tmp/spawnscope-test-\(getpid())-\(UInt64.random(in: 0 ... .max)).dir"

        init(_ files: [(name: String, bytes: [UInt8])]) {
            mkdir(path, 0o700)
            for file in files { write(file.bytes, to: file.name) }
        }

        func write(_ bytes: [UInt8], to name: String) {
            let descriptor = Glibc.open(path + "/" + name, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
            _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            close(descriptor)
        }

        func open() throws(PerfDataError) -> PerfDataFile { try PerfDataFile(path: path) }

        var error: PerfDataError? {
            do throws(PerfDataError) { _ = try open() } catch { return error }
            return nil
        }

        deinit { _ = try? ProgramRun("rm", "-r", path) }
    }

    private static func records(_ times: some Sequence<UInt64>) -> [UInt8] {
        var builder = FileBuilder.simple
        for time in times { builder.sample(tid: 3, time: time) }
        return builder.data
    }

    private static var header: [UInt8] {
        var builder = FileBuilder.simple
        builder.comm("before", tid: 3, time: 0)
        return builder.bytes()
    }

    @Test func theRingsAreMerged() throws {
        var builder = FileBuilder.simple
        builder.comm("before", tid: 3, time: 0)
        builder.comm("last", tid: 3, time: 35)
        // 10 is no neighbour of 1: files are taken by their numbers, and what is not perf's is not looked at.
        let directory = Directory([
            ("data", builder.bytes()), ("data.0", Self.records([10, 40, 70])),
            ("data.2", Self.records([20, 21, 22, 80])),
            ("data.10", Self.records([5, 30, 90])), ("data.1", []), ("data.old", [1, 2, 3]), ("data.03", [1]),
        ])
        let file = try directory.open()
        #expect(file.isDirectory && !file.isPipe)
        #expect(file.times() == [0, 5, 10, 20, 21, 22, 30, 35, 40, 70, 80, 90])
        #expect(file.damage == nil)
        var count = 0
        file.forEachHeader { _, _ in count += 1 }
        #expect(count == 12)
    }

    /// However they are spread over the rings, and longer than the merge's rounds.
    @Test(arguments: [RandomSeed.ofThisRun]) func anyNumberOfRings(seed: UInt64) throws {
        var random = Xorshift(seed: seed)
        for rings in [1, 2, 7, 40] {
            var times = Array(repeating: [UInt64](), count: rings)
            for time in 1...UInt64(20_000) { times[random.next(below: rings)].append(time) }
            let directory = Directory(
                [("data", Self.header)] + times.enumerated().map { ("data.\($0.offset)", Self.records($0.element)) })
            let file = try directory.open()
            #expect(file.times() == Array(0...20_000), "\(rings) rings, seed \(seed)")
        }
    }

    @Test func aTornFileIsNamed() throws {
        let whole = Self.records([10, 40, 70])
        let directory = Directory([
            ("data", Self.header), ("data.0", Self.records([20, 50])), ("data.1", whole.dropLast(3)),
        ])
        let file = try directory.open()
        #expect(file.times() == [0, 10, 20, 40, 50])
        #expect(file.damage?.reason == .tornRecord && file.damage?.fileName == "data.1")
        #expect(file.damage?.offset == whole.count / 3 * 2)
    }

    @Test func bytesChanged() throws {
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        let good = [Self.header, Self.records(1...40), Self.records(20...60)]
        let directory = Directory([])
        for _ in 0..<500 {
            for (index, bytes) in good.enumerated() {
                var bytes = bytes
                for _ in 0..<random.next(below: 3) {
                    bytes[random.next(below: bytes.count)] = UInt8(random.next(below: 256))
                }
                if random.next(below: 8) == 0 { bytes = Array(bytes.prefix(random.next(below: bytes.count))) }
                directory.write(bytes, to: index == 0 ? "data" : "data.\(index)")
            }
            // Nothing is expected of it but an end; the seed is for whoever sees none.
            if let file = try? directory.open() { #expect(file.times().count <= 83, "seed \(seed)") }
        }
    }

    @Test func whatIsNoRecording() throws {
        let empty = Directory([("data.0", Self.records([1]))])
        #expect(empty.error == .directory(path: empty.path))
        let nothing = Directory([("data", [])])
        #expect(nothing.error == .empty(path: nothing.path + "/data"))
        let foreign = Directory([("data", Array("no recording at all".utf8)), ("data.0", Self.records([1]))])
        #expect(foreign.error == .foreign(path: foreign.path + "/data"))
        // A FIFO would be waited for.
        let fifo = Directory([("data", Self.header)])
        mkfifo(fifo.path + "/data.0", 0o600)
        #expect(fifo.error == .notRegular(path: fifo.path + "/data.0"))
    }
}
