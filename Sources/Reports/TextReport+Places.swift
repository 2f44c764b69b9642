internal import Presentation
internal import Profiles
internal import SpawnModel
internal import SpawnStatistics

/// The call sites that cost most, and why; the programs started; failures and leaks.
extension TextReport {
    private static let column = 10

    private func table(_ cells: [String], _ column: Int = column) -> String {
        cells.map { Self.right($0, column) }.joined()
    }

    // MARK: - Call sites

    /// The number of call sites on one screen.
    private static let mostSites = 3

    var callSiteLines: [String] {
        guard !ranked.isEmpty else { return [] }
        let shown = options.showsAll ? ranked.count : min(Self.mostSites, ranked.count)
        let titles = Self.left("CALL SITES", Self.column) + table(["overhead", "each", "blocked", "spawns"]) + "  why"
        var lines = [title(titles, shown, of: ranked.count)]
        for (index, site) in ranked.prefix(shown).enumerated() {
            let comm = " [\(fitted(site.comm, 32))]"
            let number = "\(index + 1). "
            let source = lineText(site).map { " (\($0))" } ?? ""
            let place = fitted(TellingFrames.text(site.stack), width - number.count - source.count - comm.count)
            lines.append(number + bold(place) + source + dim(comm))
            lines.append(numbers(of: site))
            if options.showsAll { lines += stackLines(site) }
        }
        return lines
    }

    /// The whole stack, one frame per line, with its known source lines.
    private func stackLines(_ site: CallSite) -> [String] {
        site.stack.enumerated().map { index, name in
            let known = site.lines.indices.contains(index) ? site.lines[index] : []
            let source = known.isEmpty ? "" : "  \(known.map(\.text).joined(separator: " "))"
            return dim("        \(ForeignText.shown(name + source))")
        }
    }

    /// The number of source lines of one function on one screen.
    private static let mostLines = 3

    /// The source lines of the innermost telling function: `build.c:12`, `build.c:12, :20`.
    private func lineText(_ site: CallSite) -> String? {
        guard let place = TellingFrames.places(in: site.stack).last, site.lines.indices.contains(place),
            let first = site.lines[place].first
        else { return nil }
        let others = site.lines[place].dropFirst().map { $0.file == first.file ? ":\($0.line)" : $0.shortText }
        let isMore = others.count >= Self.mostLines
        let texts = [first.shortText] + others.prefix(Self.mostLines - 1) + (isMore ? ["…"] : [])
        return fitted(texts.joined(separator: ", "), 40)
    }

    private func numbers(of site: CallSite) -> String {
        let overhead = site.phases.overheadSum
        let isKnown = Phase.overhead.contains { site.phases[$0].count > 0 }
        let numbers = table([
            isKnown ? Quantities.duration(overhead) : "–",
            site.phases.overhead.mean.map(Quantities.duration) ?? "–",
            report.facts.coverage.knowsBlocked && site.unknown[.blocked] == 0 ? Quantities.duration(site.blocked) : "–",
            Quantities.grouped(site.spawns),
        ])
        let start = Self.left("", Self.column) + numbers + "  "
        return start + fitted(reason(site, overhead), width - start.count)
    }

    /// How the spawns are made, the phase with most of the overhead, and the program started.
    private func reason(_ site: CallSite, _ overhead: UInt64) -> String {
        var parts: [String] = []
        if let method = site.methods.max(by: { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }) {
            parts.append(method.key.rawValue)
        }
        if let phase = Phase.overhead.max(by: { site.phases[$0].sum < site.phases[$1].sum }), overhead > 0 {
            parts.append("\(phase.name) \(Quantities.share(site.phases[phase].sum, of: overhead))")
        }
        if let program = site.programs.max(by: { $0.spawns < $1.spawns }) {
            let name = program.chain.map(ProgramChain.name).joined(separator: ProgramChain.separator)
            parts.append(site.programs.count > 1 ? "\(name)…" : name)
        }
        return parts.joined(separator: ", ")
    }

    // MARK: - Findings

    var findingLines: [String] {
        let findings = report.findings
        guard !findings.isEmpty else { return [] }
        var lines: [String] = []
        var shown = 0
        for finding in findings {
            let text = self.lines(of: finding)
            if !options.showsAll, shown == 3 || shown > 0 && lines.count + text.count > Self.mostFindingLines { break }
            lines += text
            shown += 1
        }
        return [title("FINDINGS", shown, of: findings.count)] + lines
    }

    /// The most lines of findings on a screen of 50 lines.
    private static let mostFindingLines = 6

    private func lines(of finding: Finding) -> [String] {
        let text = "- \(ForeignText.shown(finding.text)) "
        let lines = wrapped(text + place(finding.callSite), indent: 2)
        guard !options.showsAll, lines.count > 3 else { return lines }
        return wrapped(text + number(finding.callSite), indent: 2)
    }

    private func number(_ id: Int) -> String { ranks[id].map { "(call site \($0 + 1))" } ?? "" }

    /// A call site by its number, with its name if the list above does not show it.
    func place(_ id: Int) -> String {
        guard let rank = ranks[id] else { return "" }
        let site = ranked[rank]
        let number = number(id)
        guard !options.showsAll, rank >= Self.mostSites, !TellingFrames.of(site.stack).isEmpty else { return number }
        return "At \(fitted(TellingFrames.text(site.stack), 60)) [\(fitted(site.comm, 16))] \(number)."
    }

    // MARK: - Programs

    var programLines: [String] {
        let programs = report.rankedPrograms
        guard !programs.isEmpty else { return [] }
        let shown = options.showsAll ? programs.count : min(3, programs.count)
        return [runTitle("PROGRAMS", "path", shown, of: programs.count)]
            + programs.prefix(shown).map { runLine($0.phases, $0.spawns, ProgramChain.text($0.chain)) }
    }

    /// The containers and units that the spawns ran in, if there are several.
    var groupLines: [String] {
        let groups = report.rankedGroups
        guard groups.count > 1 else { return [] }
        let shown = options.showsAll ? groups.count : min(3, groups.count)
        return [runTitle("GROUPS", "container or unit", shown, of: groups.count)]
            + groups.prefix(shown).map { runLine($0.phases, $0.spawns, $0.key.text) }
    }

    private func runTitle(_ name: String, _ what: String, _ shown: Int, of count: Int) -> String {
        let titles = Self.left(name, Self.column) + table(["overhead", "run", "run each", "spawns"]) + "  \(what)"
        return title(titles, shown, of: count)
    }

    private func runLine(_ phases: PhaseTable, _ spawns: Int, _ name: String) -> String {
        let run = phases[.run]
        let start =
            Self.left("", Self.column)
            + table([
                phases.overheadSum > 0 ? Quantities.duration(phases.overheadSum) : "–",
                run.count > 0 ? Quantities.duration(run.sum) : "–", run.mean.map(Quantities.duration) ?? "–",
                Quantities.grouped(spawns),
            ]) + "  "
        return start + fitted(name, width - start.count)
    }

    // MARK: - What failed

    var failureLines: [String] {
        let failures = report.rankedFailures
        guard !failures.isEmpty else { return [] }
        let shown = options.showsAll ? failures.count : min(2, failures.count)
        var lines = [title("FAILED ATTEMPTS", shown, of: failures.count)]
        for (failure, attempts) in failures.prefix(shown) {
            let errno = failure.errno.map(ErrorName.of) ?? "no return seen"
            let start = table([Quantities.grouped(attempts)]) + "  \(errno) "
            let place = failure.callSite.map { "  \(self.place($0))" } ?? ""
            let path = fitted(failure.path ?? "(path not recorded)", width - start.count)
            let room = options.showsAll ? Int.max : width - start.count - path.count
            lines.append(start + path + (place.count <= room ? dim(place) : ""))
        }
        if report.spawns.otherFailures > 0 {
            lines.append(table([Quantities.grouped(report.spawns.otherFailures)]) + "  others")
        }
        return lines
    }

    // MARK: - What leaked

    var leakLines: [String] {
        let knowsWaits = report.facts.coverage.contains(.waits)
        let leaking = ranked.filter { ($0.unreaped, $0.orphaned, $0.unfinished) != (0, 0, 0) }
            .sorted { ($1.leaks, $0.id) < ($0.leaks, $1.id) }
        guard !leaking.isEmpty else { return [] }
        let shown = options.showsAll ? leaking.count : min(2, leaking.count)
        // "unfinished" fills a column of the usual width.
        let column = Self.column + 2
        let titles =
            Self.left("LEAKS", Self.column) + table(["unreaped", "orphaned", "unfinished"], column) + "  call site"
        var lines = [title(titles, shown, of: leaking.count)]
        for site in leaking.prefix(shown) {
            let start =
                Self.left("", Self.column)
                + table(
                    [
                        knowsWaits && site.unknown[.unreaped] == 0 ? Quantities.grouped(site.unreaped) : "–",
                        Quantities.grouped(site.orphaned),
                        Quantities.grouped(site.unfinished),
                    ], column) + "  "
            lines.append(start + fitted("\(TellingFrames.text(site.stack)) [\(site.comm)]", width - start.count))
        }
        return lines
    }
}

extension CallSite {
    fileprivate var leaks: Int { unreaped + orphaned + unfinished }
}
