import Analysis
import ByteAccess
import Folding
import PerfData
import PerfRecords
import Profiles
import Session
import SpawnModel
import TestSupport
import Testing

/// Real recordings; `Recordings/README.md` says where they come from.
@Suite struct RecordingTests {
    @Test(
        arguments: [
            ("single", "cpu-clock:u"), ("several", "cpu-clock:u"), ("several", "task-clock:u"), ("pipe", "cpu-clock:u"),
            ("tracepoint", "syscalls:sys_enter_write"), ("spawns", "task:task_newtask"),
            ("spawns", "sched:sched_process_exec"), ("session", "task:task_newtask"),
            ("session", "sched:sched_process_exec"),
        ])
    func foldsAsPerfAndTheScriptDo(name: String, event: String) throws {
        let memory = try MemoryFile()
        try memory.write(try Recording(name).bytes)
        let fold = try EventFold(
            Session(PerfDataFile(path: memory.path)), EventFold.Options(event: event, usesPerfNames: true))
        let file = String(event.map { $0 == ":" ? "_" : $0 })
        #expect(HandmadeSession.lines(fold.tree, fold.names) == (try Recording.lines("\(name).\(file).folded")))
        #expect(fold.notes.undecodedRecords == 0 && fold.notes.lostEvents == 0)
    }

    @Test func aSessionsSpawns() throws {
        let memory = try MemoryFile()
        try memory.write(try Recording("session").bytes)
        let analysis = try #require(FullAnalysis(path: memory.path))
        #expect(analysis.spawns == (try Recording.lines("session.spawns.folded")))
        let totals = try #require(analysis.summary?.totals)
        #expect(totals.spawns == 7 && totals.executed == 5 && totals.forked == 1 && totals.failed == 1)
        #expect(totals.execs == 5 && totals.failedAttempts == 1 && totals.unfinished == 0)
        #expect(analysis.damage == nil)
    }

    @Test func spawnsThatPerfRecorded() throws {
        let memory = try MemoryFile()
        try memory.write(try Recording("spawns").bytes)
        #expect(FullAnalysis(path: memory.path)?.spawns == (try Recording.lines("spawns.spawns.folded")))
    }

    // MARK: - What is left of a recording

    /// The recorder was killed: the size of the data was never filled in, and what stands behind them is garbage.
    @Test(arguments: ["single", "spawns", "session"])
    func aKilledRecorder(name: String) throws {
        var recording = try Recording(name)
        let whole = try parts(of: recording.bytes)
        recording.bytes.store(UInt64(0), at: 48)
        recording.bytes.removeLast(recording.bytes.count - whole.end)
        let memory = try MemoryFile()
        try memory.write(recording.bytes)
        let analysis = try #require(FullAnalysis(path: memory.path))
        #expect(analysis.damage?.reason == .recorderDidNotFinish)
        // A session of ours says what it is in front of its data.
        if name == "session" { #expect(analysis.spawns == (try Recording.lines("session.spawns.folded"))) }
    }

    /// The features behind the data are cut off: a session of ours still knows its root from those in front of them.
    @Test func cutOffBehindTheRecords() throws {
        let recording = try Recording("session")
        let memory = try MemoryFile()
        let end = try parts(of: recording.bytes).end
        for cut in [end, end + 8, recording.bytes.count - 1] {
            try memory.write(Array(recording.bytes[..<cut]))
            let analysis = try #require(FullAnalysis(path: memory.path))
            #expect(analysis.spawns == (try Recording.lines("session.spawns.folded")))
            #expect(analysis.damage?.reason == .truncatedFeatures && analysis.damage?.offset == cut)
        }
    }

    /// Cut off behind every record and within it: what precedes the cut is used, and no count is higher than before.
    @Test(arguments: ["single", "pipe", "tracepoint", "spawns", "session"])
    func cutOffAnywhere(name: String) throws {
        let recording = try Recording(name)
        let whole = try parts(of: recording.bytes)
        let memory = try MemoryFile()
        var last = 0
        for boundary in whole.boundaries {
            for cut in [boundary, boundary + 4, boundary + 11] where cut < whole.end {
                try memory.write(Array(recording.bytes[..<cut]))
                let analysis = try #require(FullAnalysis(path: memory.path))
                let records = analysis.summary?.records ?? 0
                if cut == boundary {
                    #expect(records >= last)
                    last = records
                } else if cut > boundary {
                    #expect(records == last && analysis.damage != nil)
                }
            }
        }
        #expect(last > 10)
    }

    /// Where each record starts, and where the data end.
    private func parts(of bytes: [UInt8]) throws -> (boundaries: [Int], end: Int) {
        let memory = try MemoryFile()
        try memory.write(bytes)
        let file = try PerfDataFile(path: memory.path)
        var boundaries: [Int] = []
        var end = 0
        file.forEachHeader { header, offset in
            // A pipe's tracing data stand behind their record, which is none to cut at.
            if header.type.isFromKernel { boundaries.append(offset) }
            end = offset + header.size
        }
        return (boundaries, end)
    }
}
