import SpawnModel

/// One line with the most frequent failures of exec attempts, where the session has their paths.
func printFailures(_ failures: FailureTable, of attempts: Int) {
    let most = failures.mostFrequent(3)
    guard !most.isEmpty else { return }
    var parts = most.map { "\($0.attempts) \(ErrorName.of($0.errno)) \(oneLine($0.path))" }
    let rest = attempts - most.reduce(0) { $0 + $1.attempts }
    if rest > 0 { parts.append("\(rest) others") }
    Terminal.note("\(attempts) failed attempts: " + parts.joined(separator: ", "))
}

/// A path is whatever the program passed; other control characters are escaped where it is printed.
private func oneLine(_ path: String) -> String {
    path.isEmpty ? "''" : String(path.map { $0.isNewline || $0 == "\t" ? "?" : $0 })
}
