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

/// Folds by time: the sum of their numbers is the report's total for the weight.
@Suite struct TimeWeightTests {
    static let weights = Weight.allCases.filter(\.isOfTime)

    /// What a report says that a fold of this weight adds up to.
    static func total(_ report: Report, _ weight: Weight) -> UInt64 {
        switch weight {
        case .overhead: report.spawns.phases.overhead.sum
        case .total: report.spawns.phases.total.sum
        case .blocked: report.spawns.totals.blocked
        default: weight.phases.reduce(0) { $0 + report.spawns.phases[$1].sum }
        }
    }

    @Test(arguments: ["session", "spawns"], weights)
    func aFoldAddsUpToTheReport(name: String, weight: Weight) throws {
        let memory = try MemoryFile()
        try memory.write(try Recording(name).bytes)
        let file = try PerfDataFile(path: memory.path)
        let session = try Session(file)
        let total = Self.total(SpawnReport(session).report, weight)
        // The recording of perf's has no borders but one; ours has every phase but `link`, and no `blocked` is 0.
        #expect(total > 0 || name == "spawns" || weight == .link)
        var parts: [[FramePart]] = [[.program], [.ancestry, .callsite, .program], [.callsite]]
        if !weight.phases.isEmpty { parts += [[.phase], [.ancestry, .program, .phase], [.phase, .program]] }
        for parts in parts {
            let fold = SpawnFold(session, SpawnFold.Options(parts: parts, weight: weight))
            #expect(fold.tree.total == total)
            let lines = HandmadeSession.lines(fold.tree, fold.names)
            let sum = lines.compactMap { $0.split(separator: " ").last.flatMap { UInt64($0) } }.reduce(0, +)
            #expect(sum == total, "\(parts): \(lines)")
            #expect(fold.notes.counted == 7)
        }
    }

    @Test func phasesAreFrames() throws {
        let memory = try MemoryFile()
        try memory.write(try Recording("session").bytes)
        let file = try PerfDataFile(path: memory.path)
        let session = try Session(file)
        func frames(_ weight: Weight) -> [String] {
            let fold = SpawnFold(session, SpawnFold.Options(parts: [.phase], weight: weight))
            return HandmadeSession.lines(fold.tree, fold.names).map { String($0.split(separator: " ")[0]) }
        }
        #expect(frames(.total) == ["create", "exec", "prepare", "reap", "run", "search", "wake"])
        #expect(frames(.overhead) == ["create", "exec", "prepare", "search", "wake"])
        #expect(frames(.exec) == ["exec"])
    }

    /// Six executed and one that failed: of a recording without exec attempts, no `exec` is known, and it says so.
    @Test func whatIsNotKnownIsNoted() throws {
        let memory = try MemoryFile()
        try memory.write(try Recording("spawns").bytes)
        let session = try Session(PerfDataFile(path: memory.path))
        func without(_ weight: Weight) -> Int {
            SpawnFold(session, SpawnFold.Options(parts: [.program], weight: weight)).notes.spawnsWithoutWeight
        }
        #expect(without(.spawns) == 0 && without(.exec) == 5 && without(.create) == 7 && without(.total) == 7)
        // No spawn has to have it.
        #expect(without(.link) == 0)
    }
}
