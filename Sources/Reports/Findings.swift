internal import SpawnModel

extension Report {
    /// At most `Finding.most`, the largest saving first; those that save no time come last. What would save less than a
    /// thousandth of the session's time is none.
    public var findings: [Finding] {
        let directories = searchedDirectories
        var all = [dynamicLinking].compactMap { $0 }
        for site in spawns.callSites where site.spawns > 0 {
            all += [
                pathSearch(site, directories[site.id]?.count ?? 0), slowFork(site), largeEnvironment(site),
                closingDescriptors(site), needlessShell(site), neverReaped(site), pollingWait(site),
            ].compactMap { $0 }
        }
        all += unnamedFunctions
        let floor = (facts.duration ?? 0) / 1000
        let worthwhile = all.filter { ($0.saving ?? .max) >= max(floor, 1) }
        let ranked = worthwhile.enumerated().sorted {
            ($1.element.saving ?? 0, $0.offset) < ($0.element.saving ?? 0, $1.offset)
        }
        return ranked.prefix(Finding.most).map(\.element)
    }

    /// By `CallSite.id`: where its attempts failed.
    private var searchedDirectories: [Int: Set<Substring>] {
        var directories: [Int: Set<Substring>] = [:]
        for failure in spawns.failures.keys {
            guard let site = failure.callSite, let path = failure.path, let slash = path.lastIndex(of: "/") else {
                continue
            }
            directories[site, default: []].insert(path[..<slash])
        }
        return directories
    }

    private func pathSearch(_ site: CallSite, _ directories: Int) -> Finding? {
        let found = site.evidence.searches
        guard found.spawns > 0 else { return nil }
        let noun = directories == 1 ? "directory" : "directories"
        let places = directories == 0 ? "" : " in \(Quantities.grouped(directories)) \(noun)"
        return Finding(
            kind: .pathSearch,
            text: "PATH search: \(Quantities.count(found.events, "exec")) failed\(places) until"
                + " \(Quantities.count(found.spawns, "spawn")) found the program\(time(found)). Give its full path.",
            saving: known(found), callSite: site.id)
    }

    /// Nanoseconds of the mean creation by fork from which on it is long: a small process takes a third of it.
    private static let slowFork: UInt64 = 300_000

    private func slowFork(_ site: CallSite) -> Finding? {
        let found = site.evidence.forks
        guard found.timed > 0, let fastest = spawns.phases[.create].min else { return nil }
        let mean = found.nanoseconds / UInt64(found.timed)
        guard mean >= Self.slowFork else { return nil }
        let (needed, overflow) = fastest.multipliedReportingOverflow(by: UInt64(found.timed))
        let size = site.evidence.forkers.mean.map { " (\(Quantities.bytes($0)))" } ?? ""
        return Finding(
            kind: .slowFork,
            text:
                "fork copied the page tables\(size) of a large process: \(Quantities.count(found.timed, "creation")) took"
                + " \(Quantities.duration(mean)) each, the fastest of the session \(Quantities.duration(fastest))."
                + " Use posix_spawn or vfork.",
            saving: overflow ? 0 : found.nanoseconds.subtractingSaturating(needed), callSite: site.id)
    }

    private func needlessShell(_ site: CallSite) -> Finding? {
        let found = site.evidence.shells
        guard found.spawns > 0 else { return nil }
        return Finding(
            kind: .needlessShell,
            text: "A shell only to start one program: \(Quantities.count(found.spawns, "time"))\(time(found))."
                + " Start the program itself.",
            saving: known(found), callSite: site.id)
    }

    private func neverReaped(_ site: CallSite) -> Finding? {
        guard facts.coverage.contains(.waits), site.unreaped > 0 else { return nil }
        return Finding(
            kind: .neverReaped,
            text: "Never reaped: \(Quantities.grouped(site.unreaped)) of \(Quantities.count(site.spawns, "spawn"))"
                + " stayed zombies until the parent or the recording ended. Wait for each.",
            saving: nil, callSite: site.id)
    }

    private func pollingWait(_ site: CallSite) -> Finding? {
        let found = site.evidence.polls
        guard found.spawns > 0 else { return nil }
        let delay = found.timed > 0 ? Quantities.duration(found.nanoseconds / UInt64(found.timed)) : "some time"
        return Finding(
            kind: .pollingWait,
            text: "Waiting by polling: \(Quantities.count(found.events, "wait")) for"
                + " \(Quantities.grouped(found.spawns)) child\(found.spawns == 1 ? "" : "ren"), taken \(delay) after"
                + " the end on average. Block in one wait, or poll(2) a pidfd.",
            saving: known(found), callSite: site.id)
    }

    /// One of the whole session, since it is the programs that pay; the call site is the one where most of it was.
    private var dynamicLinking: Finding? {
        let (link, overhead) = (spawns.phases[.link], spawns.phases.overheadSum)
        // Less than a tenth is what any program pays.
        guard link.count > 0, link.sum >= max(overhead / 10, 1),
            let site = spawns.callSites.max(by: { $0.phases[.link].sum < $1.phases[.link].sum })
        else { return nil }
        return Finding(
            kind: .dynamicLinking,
            text: "Dynamic linking: \(Quantities.duration(link.sum)) in \(Quantities.count(link.count, "spawn")),"
                + " \(Quantities.share(link.sum, of: overhead)) of their overhead. Link statically, or with fewer libraries.",
            saving: link.sum, callSite: site.id)
    }

    private func known(_ tally: CallSite.Evidence.Tally) -> UInt64? { tally.timed > 0 ? tally.nanoseconds : nil }

    private func time(_ tally: CallSite.Evidence.Tally) -> String {
        tally.timed > 0 ? ", \(Quantities.duration(tally.nanoseconds))" : ""
    }
}
