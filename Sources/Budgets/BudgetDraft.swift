internal import Presentation
internal import Reports
package import SpawnModel
package import SpawnStatistics

/// Makes a budget file from a session, whose figures become the limits: of the whole run, each program, and each call
/// site that has functions of its own program.
package struct BudgetDraft: Sendable {
    /// The figures that a budget of some of the spawns limits.
    private struct Figures {
        var spawns = 0
        var unreaped = 0
        var orphaned = 0

        mutating func add(_ spawn: Spawn) {
            spawns += 1
            if spawn.isUnreaped { unreaped += 1 }
            if spawn.isOrphaned { orphaned += 1 }
        }
    }

    /// Keyed by the last part of the path, since programs are installed in different places on different machines. A spawn
    /// counts for each program that it executed, as a budget selects it.
    private var programs: [String: Figures] = [:]
    /// Those that spawns executed last; the others get no budget of their own.
    private var lastPrograms: Set<String> = []

    /// The most programs, and the most call sites, that are written; more would not be read.
    package static let mostOfEach = 50

    package init() {}

    package mutating func add(_ spawn: Spawn) {
        guard spawn.path != nil, let last = spawn.programs.last else { return }
        if lastPrograms.count < SpawnAggregate.limit { lastPrograms.insert(Self.lastPart(last)) }
        for name in Set(spawn.programs.map(Self.lastPart)) where !name.isEmpty {
            // Bounded, since a program may invent any number of names.
            if programs.count < SpawnAggregate.limit || programs[name] != nil {
                programs[name, default: Figures()].add(spawn)
            }
        }
    }

    private static func lastPart(_ path: String) -> String {
        // By scalars, as patterns are compared.
        let scalars = path.unicodeScalars
        return String(scalars.lastIndex(of: "/").map { scalars[scalars.index(after: $0)...] } ?? scalars[...])
    }

    /// The file's text. `report` covers the whole session.
    package func text(_ report: Report) -> String {
        let (facts, totals) = (report.facts, report.spawns.totals)
        let command = facts.command.isEmpty ? "this program" : facts.command.joined(separator: " ")
        var lines = [
            "# What may be spawned by: \(ForeignText.shown(command))",
            "#",
            "# Each number is the most that is allowed. No child may stay unreaped or orphaned unless a number says so.",
            "# Check:    spawnscope budget SESSION --file THIS-FILE",
            "# After a change that is meant, record again and set the numbers:",
            "#           spawnscope budget SESSION --file THIS-FILE --update",
            "schema: \(BudgetFile.schema)",
            "budgets:",
            "  - name: whole run",
            "    spawns: \(totals.spawns)",
        ]
        if !facts.coverage.isDisjoint(with: [.attempts, .execs]) { lines.append("    execs: \(totals.execs)") }
        if facts.coverage.contains(.attempts) {
            lines += [
                "    forked: \(totals.forked)", "    failed: \(totals.failed)",
                "    failed_attempts: \(totals.failedAttempts)",
            ]
        }
        lines += Self.leaks(totals.unreaped, totals.orphaned)
        lines += [
            "    # Times differ from run to run; one with much room can still be set:", "    # p99: { exec: 100ms }",
        ]
        var names: Set<String> = ["whole run"]
        if facts.coverage.contains(.execs) { lines += programLines(&names) }
        lines += callSiteLines(report.spawns.callSites, &names)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func leaks(_ unreaped: Int, _ orphaned: Int) -> [String] {
        var lines: [String] = []
        if unreaped > 0 { lines.append("    unreaped: \(unreaped)") }
        if orphaned > 0 { lines.append("    orphaned: \(orphaned)") }
        return lines
    }

    private func programLines(_ names: inout Set<String>) -> [String] {
        let named = programs.filter { lastPrograms.contains($0.key) }
        let ranked = named.sorted { ($1.value.spawns, $0.key) < ($0.value.spawns, $1.key) }
        return Self.section(
            "Programs, by the last part of their path", ranked.map { ($0.key, Self.literal($0.key), $0.value) },
            key: "program", prefix: "", &names)
    }

    /// Lists call sites by their telling frames. A budget counts all call sites whose frames match, so their figures
    /// are summed.
    private func callSiteLines(_ sites: [CallSite], _ names: inout Set<String>) -> [String] {
        let used = sites.filter { $0.spawns > 0 }
        var spawns: [String: Int] = [:]
        for site in used {
            let frames = TellingFrames.of(site.stack)
            guard !frames.isEmpty else { continue }
            spawns[frames.joined(separator: TellingFrames.separator), default: 0] += site.spawns
        }
        let ranked = spawns.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let shown = ranked.prefix(Self.mostOfEach).map { text, _ in
            let selector = BudgetSelector(program: nil, callSite: text)
            var figures = Figures()
            for site in used where selector.selects(callSite: site.stack) {
                figures.spawns += site.spawns
                figures.unreaped += site.unreaped
                figures.orphaned += site.orphaned
            }
            return (text, text, figures)
        }
        return Self.section(
            "Call sites, by functions of the program's own, outermost first", shown, of: ranked.count, key: "callsite",
            prefix: "at ", &names)
    }

    private static func section(
        _ title: String, _ entries: [(name: String, selector: String, Figures)], of count: Int? = nil, key: String,
        prefix: String, _ names: inout Set<String>
    ) -> [String] {
        guard !entries.isEmpty else { return [] }
        let shown = entries.prefix(mostOfEach)
        let all = count ?? entries.count
        var lines = ["", "  # \(title)\(all > shown.count ? "; the first \(shown.count) of \(all)" : "")"]
        for (name, selector, figures) in shown {
            var unique = prefix + name
            var number = 1
            while !names.insert(unique).inserted {
                number += 1
                unique = "\(prefix)\(name) (\(number))"
            }
            lines += [
                "  - name: \(quoted(unique))", "    \(key): \(quoted(selector))", "    spawns: \(figures.spawns)",
            ]
            lines += leaks(figures.unreaped, figures.orphaned)
        }
        return lines
    }

    /// A glob pattern that matches only this text.
    private static func literal(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if ["*", "?", "[", "\\"].contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    /// The text as a double-quoted YAML scalar.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where ForeignText.isHidden(scalar):
                // YAML 1.2, 5.7: `\u` takes four digits, `\U` eight.
                let digits = String(scalar.value, radix: 16)
                let (mark, count) = scalar.value > 0xffff ? ("\\U", 8) : ("\\u", 4)
                result += mark + String(repeating: "0", count: count - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
