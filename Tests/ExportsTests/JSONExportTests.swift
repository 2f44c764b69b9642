import Exports
import FoundationEssentials
import Presentation
import SpawnModel
import SpawnStatistics
import TestSupport
import Testing

/// speedscope, chrome and ndjson, as a decoder reads them.
@Suite struct JSONExportTests {
    private struct Speedscope: Decodable {
        struct Frame: Decodable { var name: String }
        struct Shared: Decodable { var frames: [Frame] }
        struct Profile: Decodable {
            var type, name, unit: String
            var startValue, endValue: UInt64
            var samples: [[Int]]
            var weights: [UInt64]
        }
        var exporter, name: String
        var activeProfileIndex: Int
        var shared: Shared
        var profiles: [Profile]
    }

    private struct Trace: Decodable {
        struct Event: Decodable {
            var ph, name: String
            var pid: UInt64
            var ts, dur: Double?
            var id: UInt64?
        }
        var traceEvents: [Event]
        var otherData: [String: String]
    }

    private struct Line: Decodable {
        var pid: Int
        var path: String?
        var comm: String
        var stack, ancestry: [String]
        var phases: [String: UInt64]
        var overhead_ns, total_ns, session_start_wall_ns: UInt64?
        var session_id, session_host: String?
    }

    private func decode<Value: Decodable>(_: Value.Type, _ bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(bytes))
    }

    @Test func speedscopeHasAProfileForEachWeight() throws {
        var exporter = SpeedscopeExport(weight: .phase(.exec))
        let file = try decode(
            Speedscope.self, try exporter.export([MadeSpawn(), MadeSpawn(end: 1600), MadeSpawn(path: nil)]))
        // Nothing of search and link: such pages are left out.
        #expect(
            file.profiles.map(\.name) == [
                "spawns", "overhead", "create", "wake", "prepare", "exec", "run", "reap", "total", "blocked",
            ]
        )
        #expect(file.profiles[file.activeProfileIndex].name == "exec")
        #expect(file.profiles[0].unit == "none" && file.profiles[1].unit == "nanoseconds")
        for profile in file.profiles {
            #expect(profile.type == "sampled" && profile.samples.count == profile.weights.count)
            #expect(profile.startValue == 0 && profile.endValue == profile.weights.reduce(0, +))
            #expect(profile.samples.joined().allSatisfy(file.shared.frames.indices.contains))
        }
        let names = file.profiles[0].samples.map { $0.map { file.shared.frames[$0].name } }
        #expect(
            names == [
                ["make", "sh", "_start", "main", "vfork", "/bin/true"],
                ["make", "sh", "_start", "main", "vfork", "[forked]"],
            ])
        #expect(file.profiles[0].weights == [2, 1] && file.profiles[5].weights == [80])
    }

    @Test func chromeHasASliceForEachSpawnAndItsPhases() throws {
        var child = MadeSpawn(pid: 101, parent: 100, start: 1200, end: 1300)
        child.spawn.borders.reaped = nil
        var open = MadeSpawn(pid: 102)
        open.spawn.borders.ended = nil
        open.spawn.borders.reaped = nil
        var exporter = ChromeExport()
        let trace = try decode(
            Trace.self, try exporter.export([child, MadeSpawn(), MadeSpawn(start: 5000, end: 5400), open]))
        let slices = trace.traceEvents.filter { $0.ph == "X" }
        let first = slices.filter { $0.pid == 100 }
        #expect(first.map(\.name) == ["/bin/true", "create", "wake", "prepare", "exec", "run", "reap"])
        #expect(first.map(\.ts) == [1, 1, 1.01, 1.03, 1.06, 1.1, 1.5])
        #expect(first[0].dur == 0.505 && first.dropFirst().compactMap(\.dur).reduce(0, +).rounded(to: 3) == 0.505)
        // The pid's second process has a track of its own, and so has the spawner that is no spawn.
        #expect(slices.contains { $0.pid == 100 + 1 << 22 && $0.ts == 5 })
        #expect(slices.contains { $0.pid == 50 && $0.name == "sh" && $0.ts == 1 && $0.dur == 4.405 })
        #expect(slices.count { $0.pid == 50 } == 1)
        #expect(trace.traceEvents.contains { $0.ph == "B" && $0.pid == 102 && $0.dur == nil })
        let arrows = trace.traceEvents.filter { $0.ph == "s" }
        #expect(arrows.map(\.pid) == [100, 50, 50, 50] && Set(arrows.map(\.id)).count == 4)
        #expect(trace.traceEvents.filter { $0.ph == "f" }.map(\.id) == arrows.map(\.id))
        #expect(trace.otherData["remark 1"]?.contains("dropped 3") == true)
    }

    @Test func ndjsonHasALineForEachSpawn() throws {
        var exporter = NDJSONExport(SessionOrigin(id: "an-id", startWall: 7))
        let bytes = try exporter.export([MadeSpawn(), MadeSpawn(path: nil)])
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 2 && bytes.last == UInt8(ascii: "\n"))
        let first = try decode(Line.self, Array(lines[0]))
        #expect(first.stack == ["_start", "main", "vfork"] && first.ancestry == ["make", "sh"])
        #expect(first.overhead_ns == 100 && first.total_ns == 505 && first.phases["exec"] == 40)
        #expect(try decode(Line.self, Array(lines[1])).path == nil)
        #expect(first.session_id == "an-id" && first.session_start_wall_ns == 7 && first.session_host == nil)
    }

    /// Names that no format likes come through JSON as they are; those that viewers show are shown by the one rule.
    @Test func hostileNames() throws {
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        let pieces = [
            "\"", "\\", "\n", "\r\n", "\u{0}", "\u{1b}[31m", "<script>", "]]>", "ü", "\u{202e}", "\u{2028}", "🎛", ";",
            ",", " ", "a",
            String(repeating: "x", count: 65536),
        ]
        for _ in 0..<40 {
            let name = (0..<random.next(below: 6)).map { _ in pieces[random.next(below: pieces.count)] }.joined()
            let made = MadeSpawn(path: name, stack: [name, "main"], comm: name)
            var lines = NDJSONExport(SessionOrigin(id: "an-id", startWall: 7))
            let line = try decode(Line.self, Array(try lines.export([made]).dropLast()))
            #expect(line.path == name && line.comm == name && line.stack == [name, "main"], "seed \(seed)")
            var chrome = ChromeExport()
            let trace = try decode(Trace.self, try chrome.export([made]))
            #expect(trace.traceEvents.contains { $0.ph == "X" && $0.name == ForeignText.shown(name) }, "seed \(seed)")
            var speedscope = SpeedscopeExport()
            let file = try decode(Speedscope.self, try speedscope.export([made]))
            let isPlain = file.shared.frames.allSatisfy { !$0.name.unicodeScalars.contains { $0.value < 32 } }
            #expect(isPlain, "seed \(seed)")
            var csv = CSVExport(SessionOrigin())
            let rows = try csv.export([made]).split(separator: UInt8(ascii: "\n"))
            #expect(rows.count == 2, "seed \(seed)")
        }
    }
}

extension Double {
    fileprivate func rounded(to digits: Int) -> Double {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
