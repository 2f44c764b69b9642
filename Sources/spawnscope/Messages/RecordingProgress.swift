/// The progress of a series of recordings and the time left, on one line of a terminal; shows nothing elsewhere.
struct RecordingProgress {
    private let runs: Int
    private var done = 0
    private let start = ProgressLine.now
    private let line = ProgressLine()

    init(runs: Int) { self.runs = runs }

    mutating func advance() { done += 1 }

    func show(_ what: String) {
        let rest =
            done > 0
            ? ", about \(ProgressLine.text(seconds: (ProgressLine.now - start) / done * (runs - done) / 1000)) left"
            : ""
        line.show("\(what), run \(min(done + 1, runs)) of \(runs)\(rest)")
    }

    func end() { ProgressLine.erase() }
}
