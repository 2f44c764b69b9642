internal import Analysis
internal import Folding
internal import PerfData
internal import Profiles
internal import Session

/// The fold that `FoldSelection` made of a session, and the remarks on it.
struct SelectedFold {
    let tree: CallTree
    let names: NameTable
    let weight: Weight
    let meaning: WeightMeaning
    let notes: FoldNotes
    /// The session's path as given.
    let path: String
    /// Remarks on the numbers (losses, truncated stacks, damaged records), one line each without the session's name.
    let remarks: [String]

    init(_ fold: SpawnFold, _ weight: Weight, _ loaded: LoadedSession, path: String) {
        var remarks = Self.remarks(fold.notes, loaded)
        let without = fold.notes.spawnsWithoutWeight
        if without > 0 {
            remarks.append(
                "\(without) of \(Quantity.count(fold.notes.counted, "spawn")) \(without == 1 ? "adds" : "add") nothing:"
                    + " \(weight.rawValue) is not known of \(without == 1 ? "it" : "them")")
        } else if weight.isOfTime, fold.tree.total == 0, fold.notes.counted > 0 {
            remarks.append("\(weight.rawValue) is not known of any spawn")
        }
        if fold.notes.counted == 0 {
            let what = weight.isOfSpawns ? "spawns" : "samples of its workload (record them with --sample HZ)"
            remarks.append("has no \(what)")
        }
        // A period of several events, or of an event that is no clock, is a count.
        let meaning = WeightMeaning(name: weight.rawValue, unit: weight.isOfTime ? .nanoseconds : .count)
        self.init(
            tree: fold.tree, names: fold.names, weight: weight, meaning: meaning, notes: fold.notes, path: path,
            remarks: remarks)
    }

    init(_ fold: EventFold, _ weight: Weight, _ loaded: LoadedSession, path: String) {
        var remarks = Self.remarks(fold.notes, loaded)
        if fold.notes.counted == 0 {
            let event = fold.event.map { "samples of \($0) with a stack" } ?? "samples"
            remarks.append("has no \(event)")
        }
        self.init(
            tree: fold.tree, names: fold.names, weight: weight, meaning: Self.meaning(of: fold.event, weight),
            notes: fold.notes, path: path, remarks: remarks)
    }

    private init(
        tree: CallTree, names: NameTable, weight: Weight, meaning: WeightMeaning, notes: FoldNotes, path: String,
        remarks: [String]
    ) {
        self.tree = tree
        self.names = names
        self.weight = weight
        self.meaning = meaning
        self.notes = notes
        self.path = path
        self.remarks = remarks
    }

    /// The periods of clock events are nanoseconds (perf_event_open(2), PERF_COUNT_SW_CPU_CLOCK and
    /// PERF_COUNT_SW_TASK_CLOCK).
    private static func meaning(of event: String?, _ weight: Weight) -> WeightMeaning {
        guard weight == .period, let event else { return WeightMeaning(name: weight.rawValue, unit: .count) }
        let isClock = event.hasPrefix("cpu-clock") || event.hasPrefix("task-clock")
        return WeightMeaning(name: event, unit: isClock ? .nanoseconds : .count)
    }

    /// At most this many files are named.
    private static let mostWarnings = 16

    private static func remarks(_ notes: FoldNotes, _ loaded: LoadedSession) -> [String] {
        var lines: [String] = []
        if notes.lostEvents > 0 { lines.append("\(Quantity.dropped(notes.lostEvents)); the numbers are lower bounds") }
        if let line = TruncationText.line(notes) { lines.append(line) }
        for path in notes.brokenUnwindTables.prefix(mostWarnings) {
            lines.append("\(path): its unwind information is damaged; stacks through it may be truncated")
        }
        if let first = notes.otherFiles.first {
            let others = notes.otherFiles.count == 1 ? "" : " (and \(notes.otherFiles.count - 1) more)"
            lines.append("\(first)\(others) is not the file that was recorded; its functions have no names")
        }
        lines += notes.imageNotes.prefix(mostWarnings)
        if notes.undecodedRecords > 0 { lines.append(Quantity.leftOut(notes.undecodedRecords, "damaged record")) }
        return lines
    }

    /// Writes the remarks to standard error.
    func say() {
        for line in remarks { Terminal.note("\(path): \(line)") }
    }
}
