import SpawnModel

/// Prints one line with the most frequent failures of exec attempts, if the session has their paths.
func printFailures(_ failures: FailureTable, of attempts: Int) {
    let most = failures.mostFrequent(3)
    guard !most.isEmpty else { return }
    var parts = most.map { "\($0.attempts) \(ErrorName.of($0.errno)) \($0.path.isEmpty ? "''" : $0.path)" }
    let rest = attempts - most.reduce(0) { $0 + $1.attempts }
    if rest > 0 { parts.append(Quantity.count(rest, "other")) }
    Terminal.note(Quantity.count(attempts, "failed attempt") + ": " + parts.joined(separator: ", "))
}
