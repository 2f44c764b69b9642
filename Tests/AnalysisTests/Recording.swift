import Analysis
import Folding
import Glibc
import PerfData
import PerfRecords
import Profiles
import Reports
import Session
import SpawnModel
import SpawnStatistics
import Testing

/// A recording of `Recordings/`, and files in memory made from it.
struct Recording {
    let name: String
    var bytes: [UInt8]

    static let names = ["single", "several", "pipe", "tracepoint", "spawns", "session", "lifecycle"]

    init(_ name: String) throws {
        self.name = name
        bytes = try Self.read("\(name).data")
        // Another kernel's on every machine: reading the symbols of the one that runs would take longer than all else.
        let release = Array("6.18.44-fc".utf8)
        for start in bytes.indices where bytes[start...].starts(with: release) { bytes[start] = UInt8(ascii: "0") }
    }

    /// The lines of one of the folded files.
    static func lines(_ file: String) throws -> [String] {
        String(decoding: try read(file), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func read(_ file: String) throws -> [UInt8] {
        let directory = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let number = open("/\(directory)/Recordings/\(file)", O_RDONLY | O_CLOEXEC)
        try #require(number >= 0, "cannot open \(file)")
        defer { close(number) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while case let count = Glibc.read(number, &piece, piece.count), count > 0 { bytes += piece[..<count] }
        return bytes
    }
}

/// A file without a name that is written anew for every input.
final class MemoryFile {
    private let number: Int32
    let path: String

    init() throws {
        var template = Array("/tmp/spawnscope-recording-XXXXXX".utf8CString)
        number = mkstemp(&template)
        try #require(number >= 0)
        unlink(template)
        path = "/proc/self/fd/\(number)"
    }

    deinit { close(number) }

    func write(_ bytes: [UInt8]) throws {
        try #require(ftruncate(number, 0) == 0)
        try #require(bytes.withUnsafeBytes { pwrite(number, $0.baseAddress, $0.count, 0) } == bytes.count)
    }
}

/// Everything that the analysis does with a file, and what holds of any file whatever.
struct FullAnalysis {
    private(set) var summary: SessionSummary?
    private(set) var spawns: [String] = []
    private(set) var damage: Damage?

    /// `nil` for what is no recording at all.
    init?(path: String) {
        guard let file = try? PerfDataFile(path: path) else { return nil }
        guard let session = try? Session(file) else { return }
        let most = file.size / 8
        let summary = SessionSummary(session)
        let totals = summary.totals
        #expect(summary.records <= most && totals.unfinished <= totals.spawns)
        #expect(totals.spawns == totals.executed + totals.forked + totals.failed)

        for weight in [Weight.spawns, .period] {
            let parts: [FramePart] =
                weight == .spawns ? [.ancestry, .callsite, .program] : [.ancestry, .program, .user, .kernel]
            let fold = SpawnFold(session, SpawnFold.Options(parts: parts, weight: weight))
            #expect(fold.notes.counted <= most && fold.notes.truncatedStacks <= most)
            let lines = HandmadeSession.lines(fold.tree, fold.names)
            #expect(lines.count <= fold.notes.counted)
            if weight == .spawns {
                // The one model: the lines add up to what the summary counts.
                #expect(fold.tree.total == UInt64(totals.spawns))
                spawns = lines
            }
        }
        let walked = SpawnReport(session)
        let reported = walked.report.spawns
        #expect(reported.totals.spawns == totals.spawns && reported.totals.failedAttempts == totals.failedAttempts)
        #expect(reported.failures.values.reduce(reported.otherFailures, +) == totals.failedAttempts)
        #expect(reported.callSites.reduce(0) { $0 + $1.spawns } == totals.spawns)
        #expect(reported.totals.blocked == totals.blocked)
        let time = SpawnFold(session, SpawnFold.Options(parts: [.program, .phase], weight: .total))
        #expect(time.tree.total == TimeWeightTests.total(walked.report, .total))
        #expect(TextReport(walked.report, TextReport.Options()).lines.allSatisfy { $0.count <= 80 })
        var json = JSONReport(listsSpawns: false)
        json.finish(walked.report)
        #expect(!json.take().isEmpty)
        for usesPerfNames in [true, false] {
            guard let fold = try? EventFold(try Session(file), EventFold.Options(usesPerfNames: usesPerfNames)) else {
                continue
            }
            #expect(fold.notes.counted <= most)
            #expect(HandmadeSession.lines(fold.tree, fold.names).count <= fold.notes.counted)
        }
        self.summary = summary
        damage = file.damage
    }
}
