import Analysis
import Folding
import LinuxSystem
import Packing
import PerfData
import PerfRecords
import Profiles
import Reports
import Session
import SpawnModel
import SpawnStatistics

extension FuzzTarget {
    /// A perf.data file, and what `info`, `report` and `compare` make of it.
    static let perfFile = FuzzTarget("perf-file", longest: 1 << 15) { bytes in
        let input = FuzzFile(bytes)
        guard let session = FuzzSession(input.path) else { return }
        session.takeStock()
        session.report()
    }

    /// A perf.data file, folded: addresses are looked up in what its processes had mapped.
    static let perfFold = FuzzTarget("perf-fold", longest: 1 << 15) { bytes in
        let input = FuzzFile(bytes)
        FuzzSession(input.path)?.fold()
    }

    /// A perf.data file, packed, and what was written read again.
    static let perfPack = FuzzTarget("perf-pack", longest: 1 << 15) { bytes in
        let (input, output) = (FuzzFile(bytes), FuzzFile())
        guard let session = FuzzSession(input.path) else { return }
        guard let descriptor = try? FileAccess.duplicate(FileAccess.descriptor(named: output.path) ?? -1),
            (try? SessionPacker.pack(session.session, to: descriptor, path: output.path)) != nil
        else { return }
        guard let packed = FuzzSession(output.path) else { preconditionFailure("what was packed cannot be opened") }
        packed.takeStock()
        packed.foldEvents(byPerfNames: false)
    }

    /// A stream in perf's pipe mode, from a pipe.
    static let perfPipe = FuzzTarget("perf-pipe", longest: FuzzPipe.capacity / 4) { bytes in
        let pipe = FuzzPipe(bytes)
        guard let session = FuzzSession(pipe.path) else { return }
        session.takeStock()
        session.report()
    }

    /// The files of `perf record --threads`: pieces of the input are `data.0` to `data.2`, the rest is `data`.
    static let perfDirectory = FuzzTarget("perf-directory", longest: 1 << 15) { bytes in
        var input = FuzzInput(bytes)
        let directory = FuzzDirectory()
        for number in 0..<Int(input.byte() & 3) { directory.add("data.\(number)", input.piece()) }
        directory.add("data", Array(input.rest))
        guard let session = FuzzSession(directory.path) else { return }
        session.takeStock()
        session.report()
    }
}

/// What the commands do with a session that they were given.
private struct FuzzSession {
    let session: Session
    private var file: PerfDataFile { session.file }
    /// A record has at least a header.
    private var room: Int { file.dataSize / RecordHeader.size }

    /// `nil` for what is no recording.
    init?(_ path: String) {
        guard let file = try? PerfDataFile(path: path), let session = try? Session(file) else { return nil }
        self.session = session
    }

    func takeStock() {
        let inventory = SessionInventory(session)
        // A compressed record lies in the file, what it holds in the data: nothing, where it is damaged.
        precondition(file.compressedRecords <= file.size / RecordHeader.size)
        precondition(inventory.recordCount - file.compressedRecords <= room)
        for (type, _) in inventory.records { _ = "\(type)" }
        _ = inventory.losses.total
        let totals = SessionSummary(session).totals
        precondition(totals.spawns == totals.executed + totals.forked + totals.failed && totals.spawns <= room)
        _ = SessionRun(session)
    }

    func report() {
        var json = JSONReport(listsSpawns: true)
        var csv = CSVReport(SessionOrigin(session))
        let walked = SpawnReport(session, wantsLines: true) { reported in
            json.add(reported)
            csv.add(reported.spawn, callSite: reported.callSite, group: reported.group)
            return true
        }
        json.finish(walked.report)
        precondition(!json.take().isEmpty)
        _ = csv.take()
        precondition(TextReport(walked.report, TextReport.Options()).lines.allSatisfy { !$0.contains("\n") })
    }

    func fold() {
        let spawns = SpawnFold(
            session, SpawnFold.Options(parts: [.ancestry, .callsite, .program], weight: .spawns))
        precondition(spawns.notes.counted <= room)
        write(spawns.tree, spawns.names)
        let samples = SpawnFold(
            session, SpawnFold.Options(parts: [.ancestry, .program, .user, .kernel], weight: .period))
        write(samples.tree, samples.names)
        for usesPerfNames in [true, false] { foldEvents(byPerfNames: usesPerfNames) }
    }

    func foldEvents(byPerfNames usesPerfNames: Bool) {
        guard let fold = try? EventFold(session, EventFold.Options(usesPerfNames: usesPerfNames)) else { return }
        precondition(fold.notes.counted <= room)
        write(fold.tree, fold.names)
    }

    private func write(_ tree: CallTree, _ names: NameTable) {
        FoldedText(tree, names: names).write { _ in true }
    }
}
