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

    func known(_ tally: CallSite.Evidence.Tally) -> UInt64? { tally.timed > 0 ? tally.nanoseconds : nil }

    func time(_ tally: CallSite.Evidence.Tally) -> String {
        tally.timed > 0 ? ", \(Quantities.duration(tally.nanoseconds))" : ""
    }
}
