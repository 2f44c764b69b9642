import CCompression
@testable import Exports
import Reports
import Session
import SpawnModel
import SpawnStatistics
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct PprofExportTests {
    /// zlib's own inflater; `nil` where it refuses.
    static func inflate(_ packed: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var packed = packed
        var plain: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        return packed.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while true {
                let code = piece.withUnsafeMutableBufferPointer { output in
                    stream.next_out = output.baseAddress
                    stream.avail_out = UInt32(output.count)
                    return CCompression.inflate(&stream, Z_NO_FLUSH)
                }
                plain += piece[..<(piece.count - Int(stream.avail_out))]
                if code == Z_STREAM_END { return stream.avail_in == 0 ? plain : nil }
                guard code == Z_OK else { return nil }
            }
        }
    }

    private func profile(_ spawns: [MadeSpawn], _ exporter: PprofExport = PprofExport()) throws -> PprofProfile {
        var exporter = exporter
        let plain = try #require(Self.inflate(try exporter.export(spawns)))
        return try PprofProfile(serializedBytes: plain)
    }

    @Test func oneSampleForEachStackAndItsLabels() throws {
        let profile = try profile([
            MadeSpawn(), MadeSpawn(pid: 101, start: 2000, end: 2600), MadeSpawn(path: "/bin/ls"), MadeSpawn(path: nil),
        ])
        let text = { (number: Int64) in profile.stringTable[Int(number)] }
        #expect(profile.stringTable.first == "")
        #expect(
            profile.sampleType.map { text($0.type) } == [
                "spawns", "overhead", "create", "wake", "prepare", "search", "exec", "link", "run", "reap", "total",
                "blocked",
            ])
        #expect(profile.sampleType.map { text($0.unit) } == ["count"] + [String](repeating: "nanoseconds", count: 11))
        #expect(text(profile.defaultSampleType) == "overhead")
        #expect(profile.timeNanos == 1_700_000_000_000_000_000 && profile.durationNanos == 2000)
        #expect(profile.sample.count == 3)
        #expect(profile.sample[0].value == [2, 200, 20, 40, 60, 0, 80, 0, 900, 10, 1110, 140])
        let names = Dictionary(uniqueKeysWithValues: profile.function.map { ($0.id, text($0.name)) })
        let functions = Dictionary(uniqueKeysWithValues: profile.location.map { ($0.id, $0.line.map(\.functionID)) })
        let stacks = profile.sample.map { $0.locationID.flatMap { functions[$0] ?? [] }.map { names[$0] ?? "?" } }
        #expect(stacks[0] == ["/bin/true", "vfork", "main", "_start", "sh", "make"])
        #expect(stacks[2].first == "[forked]")
        #expect(
            profile.sample[2].label.map { "\(text($0.key))=\(text($0.str))" } == [
                "program=[forked]", "mechanism=vfork", "outcome=forked",
            ])
        #expect(profile.comment.map(text).contains { $0.contains("dropped 3 events") })
    }

    @Test func containersAndUnitsAreLabels() throws {
        var made = MadeSpawn()
        made.group = ControlGroupName(path: "/lxc/web/\u{1b}x.service")
        let profile = try profile([made, MadeSpawn()])
        let text = { (number: Int64) in profile.stringTable[Int(number)] }
        #expect(profile.sample.count == 2)
        #expect(
            profile.sample[0].label.dropFirst(3).map { "\(text($0.key))=\(text($0.str))" } == [
                "container=web", "unit=\\u{1b}x.service",
            ])
    }

    @Test func whatIsNotKnownAddsNothingAndIsCounted() throws {
        var unknown = MadeSpawn()
        unknown.spawn.borders.creationBegan = nil
        var exporter = PprofExport(parts: [.program], weight: .spawns)
        let plain = try #require(Self.inflate(try exporter.export([unknown, MadeSpawn()])))
        let profile = try PprofProfile(serializedBytes: plain)
        #expect(profile.sample.count == 1 && profile.sample[0].value.prefix(3) == [2, 100, 10])
        #expect(profile.sample[0].locationID.count == 1)
        #expect(
            exporter.omissions == [
                "overhead is not known of 1 spawn, which add 0", "create is not known of 1 spawn, which add 0",
                "total is not known of 1 spawn, which add 0",
            ])
    }

    /// Many stacks go out in several messages, which are one for who reads them.
    @Test func severalBatchesAreOneProfile() throws {
        let spawns = (0..<3000).map { MadeSpawn(path: "/bin/p\($0)") }
        let profile = try profile(spawns)
        #expect(profile.sample.count == 3000 && profile.sampleType.count == 12)
        #expect(Set(profile.function.map(\.id)).count == profile.function.count)
        #expect(profile.sample.reduce(0) { $0 + $1.value[1] } == 300_000)
    }

    @Test func nothingIsStillAProfile() throws {
        let profile = try profile([])
        #expect(profile.sample.isEmpty && profile.sampleType.count == 12)
    }

    @Test func aClosedPipeEndsTheWriting() throws {
        var exporter = PprofExport()
        for index in 0..<200_000 { exporter.add(MadeSpawn(path: "/bin/\(index * 7919)")) }
        var pieces = 0
        try exporter.finish(.made) { _ in
            pieces += 1
            return false
        }
        #expect(pieces == 1)
    }
}

extension SpawnExporter {
    mutating func add(_ made: MadeSpawn) {
        add(ReportedSpawn(made.spawn, callSite: made.callSite, ancestry: made.ancestry, group: made.group))
    }
}
