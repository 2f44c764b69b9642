internal import SpawnModel

/// Which call sites cost most, and why; which programs were started; what failed and what leaked.
extension TextReport {
    private static let column = 10

    private func table(_ cells: [String]) -> String { cells.map { Self.right($0, Self.column) }.joined() }

    // MARK: - Call sites

    func callSiteLines(most: Int) -> [String] {
        let sites = report.rankedCallSites
        guard !sites.isEmpty else { return [] }
        let shown = options.showsAll ? sites.count : most
        var lines = [
            bold(Self.left("CALL SITES", Self.column) + table(["overhead", "each", "blocked", "spawns"]) + "  why")
        ]
        for (index, site) in sites.prefix(shown).enumerated() {
            let comm = " [\(fitted(site.comm, 32))]"
            let number = "\(index + 1). "
            let place = fitted(TellingFrames.text(site), width - number.count - comm.count)
            lines.append(number + bold(place) + dim(comm))
            lines.append(numbers(of: site))
            if options.showsAll { lines += site.stack.map { dim("        \(PlainText.printable($0))") } }
        }
        return lines + more(sites.count - shown, "call site")
    }

    private func numbers(of site: CallSite) -> String {
        let overhead = site.phases.overheadSum
        let isKnown = Phase.overhead.contains { site.phases[$0].count > 0 }
        let numbers = table([
            isKnown ? Quantities.duration(overhead) : "–",
            site.phases.overhead.mean.map(Quantities.duration) ?? "–",
            report.facts.coverage.knowsBlocked ? Quantities.duration(site.blocked) : "–",
            Quantities.grouped(site.spawns),
        ])
        let start = Self.left("", Self.column) + numbers + "  "
        return start + fitted(reason(site, overhead), width - start.count)
    }

    /// How they are made, the phase that has most of the overhead, and what is started.
    private func reason(_ site: CallSite, _ overhead: UInt64) -> String {
        var parts: [String] = []
        if let method = site.methods.max(by: { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }) {
            parts.append(method.key.rawValue)
        }
        if let phase = Phase.overhead.max(by: { site.phases[$0].sum < site.phases[$1].sum }), overhead > 0 {
            parts.append("\(phase.name) \(Quantities.share(site.phases[phase].sum, of: overhead))")
        }
        if let program = site.programs.max(by: { $0.spawns < $1.spawns }) {
            let name = program.path.split(separator: "/").last.map(String.init) ?? program.path
            parts.append(site.programs.count > 1 ? "\(name)…" : name)
        }
        return parts.joined(separator: ", ")
    }

    // MARK: - Findings

    var findingLines: [String] {
        let findings = report.findings
        guard !findings.isEmpty else { return [] }
        var lines = [bold("FINDINGS")]
        for (index, finding) in findings.enumerated() {
            let sites = report.spawns.callSites
            let place = sites.indices.contains(finding.callSite - 1) ? sites[finding.callSite - 1] : nil
            let name = place.map { " At \(fitted(TellingFrames.text($0), 60)) [\(fitted($0.comm, 16))]." } ?? ""
            lines += wrapped("\(index + 1). \(PlainText.printable(finding.text))\(name)", indent: 3)
        }
        return lines
    }

    // MARK: - Programs

    var programLines: [String] {
        let programs = report.rankedPrograms
        guard !programs.isEmpty else { return [] }
        let shown = options.showsAll ? programs.count : 4
        var lines = [bold(Self.left("PROGRAMS", Self.column) + table(["overhead", "run", "each", "spawns"]) + "  path")]
        for program in programs.prefix(shown) {
            let run = program.phases[.run]
            let isKnown = program.phases.overheadSum > 0
            let start =
                Self.left("", Self.column)
                + table([
                    isKnown ? Quantities.duration(program.phases.overheadSum) : "–",
                    run.count > 0 ? Quantities.duration(run.sum) : "–", run.mean.map(Quantities.duration) ?? "–",
                    Quantities.grouped(program.spawns),
                ]) + "  "
            lines.append(start + fitted(program.path, width - start.count))
        }
        return lines + more(programs.count - shown, "program")
    }

    // MARK: - What failed

    var failureLines: [String] {
        let failures = report.rankedFailures
        guard !failures.isEmpty else { return [] }
        let shown = options.showsAll ? failures.count : 3
        var lines = [bold("FAILED ATTEMPTS")]
        for (failure, attempts) in failures.prefix(shown) {
            let errno = failure.errno.map(ErrorName.of) ?? "no return seen"
            let start = table([Quantities.grouped(attempts)]) + "  \(errno) "
            let place = failure.callSite.flatMap(site).map { "  at \(TellingFrames.text($0))" } ?? ""
            let path = fitted(failure.path ?? "(path not recorded)", width - start.count)
            lines.append(start + path + dim(fitted(place, max(0, width - start.count - path.count))))
        }
        if report.spawns.otherFailures > 0 {
            lines.append(table([Quantities.grouped(report.spawns.otherFailures)]) + "  others")
        }
        return lines + more(failures.count - shown, "path")
    }

    private func site(_ id: Int) -> CallSite? {
        let sites = report.spawns.callSites
        return sites.indices.contains(id - 1) ? sites[id - 1] : nil
    }

    // MARK: - What leaked

    var leakLines: [String] {
        let knowsWaits = report.facts.coverage.contains(.waits)
        let leaking = report.spawns.callSites.filter { ($0.unreaped, $0.orphaned, $0.unfinished) != (0, 0, 0) }
            .sorted { ($1.leaks, $0.id) < ($0.leaks, $1.id) }
        guard !leaking.isEmpty else { return [] }
        let shown = options.showsAll ? leaking.count : 2
        var lines = [bold(Self.left("LEAKS", Self.column) + table(["unreaped", "orphaned", "unfinished"]) + "  call site")]
        for site in leaking.prefix(shown) {
            let start =
                Self.left("", Self.column)
                + table([
                    knowsWaits ? Quantities.grouped(site.unreaped) : "–", Quantities.grouped(site.orphaned),
                    Quantities.grouped(site.unfinished),
                ]) + "  "
            lines.append(start + fitted("\(TellingFrames.text(site)) [\(site.comm)]", width - start.count))
        }
        return lines + more(leaking.count - shown, "call site")
    }
}

extension CallSite {
    fileprivate var leaks: Int { unreaped + orphaned + unfinished }
}
