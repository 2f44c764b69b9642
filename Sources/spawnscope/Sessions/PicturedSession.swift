internal import Analysis
internal import Folding
internal import PerfData
internal import Presentation
internal import Profiles
internal import Reports
internal import Session

/// A session's fold, with the texts that a picture shows with it.
struct PicturedSession {
    let path: String
    let fold: SelectedFold
    private let loaded: LoadedSession

    init(_ path: String, _ selection: FoldSelection) throws {
        self.path = path
        loaded = try LoadedSession(path: path)
        fold = try selection.fold(loaded, path: path)
    }

    /// Reasons why the numbers may be too low.
    var remarks: [String] {
        // The kernel does not say why its callchains end. `fold` leaves that to their [truncated] frames.
        let truncated = fold.notes.truncatedStacks
        let isTold = !fold.notes.truncations.isEmpty || truncated == 0
        let line = "\(Quantity.truncated(truncated, of: fold.notes.counted)): frame pointers led no further"
        return (isTold ? [] : [line]) + fold.remarks + loaded.damageLines
    }

    func say() throws {
        fold.say()
        loaded.sayDamage()
        try loaded.requireSamples()
    }

    /// The command, or the file if the recording has none.
    var title: String {
        let words = loaded.metadata.map { $0.command ?? [] } ?? loaded.file.description.commandLine
        return words.isEmpty ? path : Secrets.hidden(in: words).joined(separator: " ")
    }

    /// What is counted, and the total.
    var summary: String {
        let total = fold.tree.total
        if fold.weight.isOfTime {
            let spawns = Quantities.count(fold.notes.counted, "spawn")
            return "\(fold.meaning.name) of \(spawns): \(Quantities.duration(total))"
        }
        guard fold.weight == .period else { return describe(total) }
        let samples = Quantities.count(fold.notes.counted, "sample")
        return fold.meaning.unit == .nanoseconds
            ? "\(fold.meaning.name): \(Quantities.duration(total)) in \(samples)" : "\(describe(total)) in \(samples)"
    }

    /// A weight with its unit.
    func describe(_ weight: UInt64) -> String {
        switch fold.meaning.unit {
        case .nanoseconds:
            let exact = weight < 1000 ? "" : " (\(Quantities.grouped(weight)) ns)"
            return Quantities.duration(weight) + exact
        case .count:
            let isOne = weight == 1 && (fold.weight == .spawns || fold.weight == .samples)
            return "\(Quantities.grouped(weight)) \(isOne ? String(fold.meaning.name.dropLast()) : fold.meaning.name)"
        }
    }
}
