import Analysis
import Folding
import PerfData
import Profiles
import Reports
import Session
import SpawnModel
import SpawnStatistics
import TestSupport
import Testing

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
