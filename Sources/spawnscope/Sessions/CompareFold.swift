internal import Analysis
internal import ArgumentParser
internal import Folding
internal import PerfData
internal import Profiles
internal import Session

/// `compare --fold`: prints folded stacks with the numbers of both sides.
enum CompareFold {
    static func print(base: [String], head: [String], weight: Weight) throws {
        var difference = FoldedDifference()
        for (path, isHead) in base.map({ ($0, false) }) + head.map({ ($0, true) }) {
            let loaded = try LoadedSession(path: path)
            let fold = SpawnFold(
                loaded.session,
                SpawnFold.Options(parts: [.ancestry, .callsite, .program], weight: weight))
            difference.add(FoldedText(fold.tree, names: fold.names), isHead: isHead)
            loaded.sayDamage()
            try loaded.requireSamples()
            if fold.notes.counted == 0 { Terminal.note("\(path): has no spawns") }
            if fold.notes.lostEvents > 0 {
                Terminal.note("\(path): \(Quantity.dropped(fold.notes.lostEvents)); the numbers are lower bounds")
            }
        }
        // Control characters in frames are escaped here.
        try Terminal.write(lines: difference.lines)
    }
}
