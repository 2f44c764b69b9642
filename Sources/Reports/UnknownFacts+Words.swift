package import SpawnModel

extension CallFact {
    /// What a person calls it.
    var words: String {
        switch self {
        case .failedAttempts: "failed attempts"
        case .forked, .failed: "whether children attempted an exec"
        case .failedCreations: "failed creations"
        case .unreaped: "who was not waited for"
        case .blocked: "time blocked"
        case .status: "exit codes"
        }
    }
}

extension UnknownTally {
    /// The figure of a sum, where no process leaves it unknown.
    package func known<Figure>(_ figure: Figure, _ fact: CallFact) -> Figure? { self[fact] == 0 ? figure : nil }

    /// One line for a person; `nil` where everything is known.
    package var sentence: String? {
        guard !isEmpty else { return nil }
        var words: [String] = []
        for fact in CallFact.allCases where self[fact] > 0 && !words.contains(fact.words) { words.append(fact.words) }
        let processes = CallFact.allCases.map { self[$0] }.max() ?? 0
        let whose = processes == 1 ? "1 process" : "\(processes) processes"
        return "\(words.joined(separator: ", ")) (\(whose) made 32-bit system calls, which are not seen)"
    }
}
