internal import Presentation
internal import SpawnModel

extension Report {
    /// At most `Finding.most`, the largest saving first; those without a known saving come last. Findings that would
    /// save less than a thousandth of the session's time are left out.
    package var findings: [Finding] {
        var all = [dynamicLinking].compactMap { $0 }
        for site in spawns.callSites where site.spawns > 0 {
            all += [
                pathSearch(site), slowFork(site), largeEnvironment(site),
                closingDescriptors(site), neverReaped(site), pollingWait(site),
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

    private func pathSearch(_ site: CallSite) -> Finding? {
        let found = site.evidence.searches
        guard found.spawns > 0 else { return nil }
        let directories = site.evidence.searchedDirectories.count
        let places = " in \(Quantities.count(directories, "directory", "directories"))"
        return Finding(
            kind: .pathSearch,
            text: "PATH search: \(Quantities.count(found.events, "exec")) failed\(places) until"
                + " \(Quantities.count(found.spawns, "spawn")) found the program\(time(found)). Give its full path.",
            saving: known(found), callSite: site.id)
    }

    private func neverReaped(_ site: CallSite) -> Finding? {
        guard facts.coverage.contains(.waits), site.unreaped > 0 else { return nil }
        return Finding(
            kind: .neverReaped,
            text: "Never reaped: \(Quantities.grouped(site.unreaped)) of \(Quantities.count(site.spawns, "spawn"))"
                + " stayed \(site.unreaped == 1 ? "a zombie" : "zombies") until the parent or the recording ended. Wait for each.",
            saving: nil, callSite: site.id)
    }

    private func pollingWait(_ site: CallSite) -> Finding? {
        let found = site.evidence.polls
        guard found.spawns > 0 else { return nil }
        let delay = found.timed > 0 ? Quantities.duration(found.nanoseconds / UInt64(found.timed)) : "some time"
        return Finding(
            kind: .pollingWait,
            text: "Waiting by polling: \(Quantities.count(found.events, "wait")) for"
                + " \(Quantities.count(found.spawns, "child", "children")) returned nothing, each taken \(delay) late on"
                + " average. Block in one wait, or poll(2) a pidfd.",
            saving: known(found), callSite: site.id)
    }

    private func known(_ tally: CallSite.Evidence.Tally) -> UInt64? { tally.timed > 0 ? tally.nanoseconds : nil }

    private func time(_ tally: CallSite.Evidence.Tally) -> String {
        tally.timed > 0 ? ", \(Quantities.duration(tally.nanoseconds))" : ""
    }
}
