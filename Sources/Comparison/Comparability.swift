/// Something other than the figures that stands in the way of a verdict.
package struct ComparisonProblem: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        /// A session ended before it was meant to, or the kernel dropped events.
        case cut, lost
        /// A process could not be followed to its end.
        case unfollowed
        /// A recorded command did not succeed.
        case failed
        /// The sides differ in something that must be the same.
        case machine, kernel, command
        case exitEvent = "exit_event"
        case recording
        /// The sides were recorded by recorders of different kinds: their times are not compared.
        case recorder
        /// A recording was named twice and would count as two runs.
        case repeated
        /// A gate names a program or call site that no session has.
        case unmatchedGate = "unmatched_gate"
    }

    package var kind: Kind
    package var text: String
    /// Whether it rules out the verdict "not worse".
    package var blocks: Bool
}

enum Comparability {
    static func problems(
        base: [RunSummary], head: [RunSummary], _ options: ComparisonOptions
    ) -> [ComparisonProblem] {
        var problems: [ComparisonProblem] = []
        let (base, head) = (base.map(\.facts), head.map(\.facts))
        for run in base + head {
            if run.isCut {
                let text = "\(run.path): was cut short, so that its figures are lower bounds; record it again"
                problems.append(ComparisonProblem(kind: .cut, text: text, blocks: true))
            }
            if run.lost > 0 {
                let text =
                    "\(run.path): the kernel dropped \(run.lost) \(run.lost == 1 ? "event" : "events"); record with a larger --ring-size"
                problems.append(ComparisonProblem(kind: .lost, text: text, blocks: true))
            }
            if run.unfollowed > 0 {
                let text =
                    "\(run.path): \(run.unfollowed) \(run.unfollowed == 1 ? "process" : "processes") executed a program of other rights, and could not be followed"
                problems.append(ComparisonProblem(kind: .unfollowed, text: text, blocks: true))
            }
            if let failure = run.failure {
                let text = "\(run.path): the command \(failure)"
                problems.append(ComparisonProblem(kind: .failed, text: text, blocks: !options.ignoresFailure))
            }
        }
        problems += repeated(base: base, head: head)
        let facts: [(ComparisonProblem.Kind, String, (RunFacts) -> String?)] = [
            (.machine, "machines", \.machine), (.kernel, "kernels", \.kernel),
            (.exitEvent, "kernels that stamp the end of a process elsewhere", \.exitEvent),
            (.recording, "recording options", \.recording),
        ]
        let recorders = differing(.recorder, "recorders", base, head, \.recorder, blocks: false)
        // They have other events and options, and stamp an end elsewhere; what both tell are counts.
        problems += recorders.map { problem in
            var problem = problem
            problem.text += ": times are not compared, counts are (--counts-only)"
            return problem
        }
        for (kind, what, fact) in facts where recorders.isEmpty || ![.recording, .exitEvent].contains(kind) {
            problems += differing(kind, what, base, head, fact, blocks: !options.allowsDifferentMachines)
        }
        if !options.expectsOtherCommand, !areSides(base, head) {
            problems += differing(
                .command, "commands", base, head, { $0.command.isEmpty ? nil : $0.command.joined(separator: " ") },
                blocks: !options.allowsDifferentMachines)
        }
        return problems
    }

    /// Whether one side's recorder is not the other's.
    static func areOfOneRecorder(_ runs: [RunSummary]) -> Bool { Set(runs.map(\.facts.recorder)).count <= 1 }

    /// Whether one comparison recorded all of these runs, and each of its sides is one side here, swapped or not. Then
    /// the commands differ by design.
    private static func areSides(_ base: [RunFacts], _ head: [RunFacts]) -> Bool {
        let (sides, headSides) = (Set(base.map(\.comparison)), Set(head.map(\.comparison)))
        guard sides.count == 1, headSides.count == 1, let side = sides.first ?? nil, let other = headSides.first ?? nil
        else { return false }
        return side.id == other.id && side.side != other.side
    }

    /// Reports a fact whose values differ. An unknown value differs from every known one.
    private static func differing(
        _ kind: ComparisonProblem.Kind, _ what: String, _ base: [RunFacts], _ head: [RunFacts],
        _ fact: (RunFacts) -> String?, blocks: Bool
    ) -> [ComparisonProblem] {
        func values(_ side: [RunFacts]) -> [String] { Set(side.map { fact($0) ?? "not known" }).sorted() }
        guard Set(values(base) + values(head)).count > 1 else { return [] }
        func list(_ values: [String]) -> String {
            values.prefix(3).joined(separator: " and ") + (values.count > 3 ? " and others" : "")
        }
        let text = "different \(what): base \(list(values(base))), head \(list(values(head)))"
        return [ComparisonProblem(kind: kind, text: text, blocks: blocks)]
    }

    private static func repeated(base: [RunFacts], head: [RunFacts]) -> [ComparisonProblem] {
        var seen: [String: (path: String, isHead: Bool)] = [:]
        var problems: [ComparisonProblem] = []
        for (run, isHead) in base.map({ ($0, false) }) + head.map({ ($0, true) }) {
            guard let identity = run.identity else { continue }
            if let other = seen[identity] {
                let text =
                    other.isHead != isHead
                    ? "\(run.path): is on both sides (\(other.path)); a recording compared with itself tells nothing"
                    : "\(run.path): is there twice (\(other.path)); the same recording is no second run"
                problems.append(ComparisonProblem(kind: .repeated, text: text, blocks: true))
            } else {
                seen[identity] = (run.path, isHead)
            }
        }
        return problems
    }
}
