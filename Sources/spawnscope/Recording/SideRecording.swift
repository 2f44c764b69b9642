internal import Analysis
internal import ArgumentParser
internal import Comparison
internal import Glibc
internal import LinuxSystem

/// Records both sides of a comparison in turns, in random order within each pair, so that drift of the machine affects
/// both.
struct SideRecording {
    private let commands: [[String]]
    private let pairs: Int
    private let warmup: Int
    private let directory: String
    private let user: String?
    /// The sessions of complete pairs.
    private(set) var base: [String] = []
    private(set) var head: [String] = []

    struct End {
        /// The level for the last comparison.
        var level: Double
        var signal: Int32?
    }

    /// With at least this many pairs there is an interim look after half of them.
    private static let fewestForLook = 24
    /// Two looks at the same data would be two chances of a false alarm. The first must pass a much stricter level, and
    /// the last gives up what the first used: together 1%. (Haybittle, "Repeated assessment of results in clinical
    /// trials of cancer treatment", 1971; Peto and others, "Design and analysis of randomized clinical trials", 1976)
    private static let (lookLevel, lastLevel, onlyLevel) = (0.001, 0.009, 0.01)

    init(base: String, head: String, runs: Int, warmup: Int, directory: String, user: String?) {
        commands = [CommandWords.of(base), CommandWords.of(head)]
        pairs = runs
        self.warmup = warmup
        self.directory = directory
        self.user = user
    }

    /// Records all runs. `isDecided` compares the sessions recorded so far at a level.
    mutating func record(_ isDecided: ([String], [String], Double) -> Bool) throws -> End {
        do {
            return try recordRuns(isDecided)
        } catch let refusal as RunDirectoryError {
            Terminal.say("\(refusal.path): \(refusal.reason); name another directory by --output-dir")
            throw ExitStatus.cannotCreate
        }
    }

    private mutating func recordRuns(_ isDecided: ([String], [String], Double) -> Bool) throws -> End {
        let directory = try RunDirectory(directory)
        let id = String(UInt64.random(in: 0 ... .max), radix: 36)
        let mask = RecordedRun.blockSignals()
        var progress = RecordingProgress(runs: 2 * (pairs + warmup))
        defer { progress.end() }
        let hasLook = pairs >= Self.fewestForLook
        let level = hasLook ? Self.lastLevel : Self.onlyLevel
        for pair in 1 - warmup...pairs where pairs > 0 {
            var sessions = ["", ""]
            let first = Int.random(in: 0...1)
            for side in [first, 1 - first] {
                let name = side == 0 ? "base" : "head"
                let number = String(max(pair, 0))
                let padded = String(repeating: "0", count: max(0, String(pairs).count - number.count)) + number
                let session = pair < 1 ? "warmup.data" : "\(name)-\(padded).data"
                sessions[side] = "\(directory.path)/\(session)"
                progress.show(pair < 1 ? "warming up" : "recording")
                let run = RecordedRun(session: session, comparison: (side: name, id: id), user: user)
                switch try run.record(commands[side], in: directory, mask: mask) {
                case .recorded:
                    progress.advance()
                    if pair < 1 { for name in [session, session + ".log"] { directory.remove(name) } }
                case .interrupted(let signal):
                    progress.end()
                    Terminal.note("ended after \(base.count) of \(Quantity.count(pairs, "pair"))")
                    return End(level: level, signal: signal)
                }
            }
            guard pair >= 1 else { continue }
            progress.end()
            // A session that cannot be compared ends the series at once. Other remarks wait until the end.
            try CommandWorker.run(sessions: sessions) {
                Terminal.isQuiet = true
                for session in sessions { _ = try SessionRun.load(session) }
            }
            base.append(sessions[0])
            head.append(sessions[1])
            if hasLook, pair == pairs / 2, isDecided(base, head, Self.lookLevel) {
                progress.end()
                Terminal.note("decided after \(pair) of \(Quantity.count(pairs, "pair"))")
                return End(level: Self.lookLevel)
            }
        }
        progress.end()
        Terminal.note("\(2 * pairs) sessions are in \(directory.path)")
        return End(level: level)
    }
}
