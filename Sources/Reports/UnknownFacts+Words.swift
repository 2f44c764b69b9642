internal import Presentation
package import SpawnModel

extension CallFact {
    /// The fact in words for people.
    var words: String {
        switch self {
        case .failedAttempts: "failed attempts"
        case .forked, .failed: "whether children attempted an exec"
        case .failedCreations: "failed creations"
        case .unreaped: "who was not waited for"
        case .blocked: "time blocked"
        case .status: "exit codes"
        case .afterExec: "what they did and started after an exec"
        }
    }
}

extension UnknownTally {
    /// The figure, or `nil` if the fact is unknown for any process.
    package func known<Figure>(_ figure: Figure, _ fact: CallFact) -> Figure? { self[fact] == 0 ? figure : nil }

    /// One line for people; `nil` if everything is known. `isOfCoverage`: what the session has no events for is told
    /// elsewhere.
    package func sentence(isOfCoverage: Bool = false) -> String? {
        let reasons = UnseenCalls.allCases.filter { !isOfCoverage || $0 != .recording }
        let clauses = reasons.compactMap { reason -> String? in
            var words: [String] = []
            for fact in CallFact.allCases where count(fact, reason) > 0 && !words.contains(fact.words) {
                words.append(fact.words)
            }
            let processes = CallFact.allCases.map { count($0, reason) }.max() ?? 0
            return processes == 0 ? nil : "\(words.joined(separator: ", ")) (\(reason.sentence(processes)))"
        }
        return clauses.isEmpty ? nil : clauses.joined(separator: "; ")
    }

    /// Why a fact is not known for this many processes.
    package func reason(_ fact: CallFact, _ processes: Int) -> String {
        let reason = UnseenCalls.allCases.first { count(fact, $0) > 0 } ?? .compat32
        return reason.sentence(processes)
    }
}

extension UnseenCalls {
    fileprivate func sentence(_ processes: Int) -> String {
        let whose = processes == 1 ? "1 process" : "\(Quantities.grouped(processes)) processes"
        return switch self {
        case .rights:
            "\(whose) executed a program of other rights, or one that may not be read, and could not be followed"
        case .recording: "no event recorded shows them"
        case .tracing: "\(whose) recorded by ptrace, which shows creations, execs and ends alone"
        case .compat32: "\(whose) made 32-bit system calls, which are not seen"
        case .ring: "\(whose) may have been waited for by io_uring, which is not seen"
        case .filter: "in \(whose) clone failed for a thread, or was denied by a seccomp filter"
        case .reaping:
            processes == 1
                ? "1 process was gone when its parent ended, and no wait for it was seen"
                : "\(whose) were gone when their parents ended, and no wait for them was seen"
        }
    }
}
