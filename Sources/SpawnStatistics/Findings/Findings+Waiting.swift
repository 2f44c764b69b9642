internal import Presentation

extension Report {
    func neverReaped(_ site: CallSite) -> Finding? {
        guard facts.coverage.contains(.waits), site.unreaped > 0 else { return nil }
        return Finding(
            kind: .neverReaped,
            text: "Never reaped: \(Quantities.grouped(site.unreaped)) of \(Quantities.count(site.spawns, "spawn"))"
                + " stayed \(site.unreaped == 1 ? "a zombie" : "zombies") until the parent or the recording ended. Wait for each.",
            saving: nil, callSite: site.id)
    }

    /// From `Evidence.fewestPolls` waits on that returned nothing, as `WaitPolling` counts them.
    func pollingWait(_ site: CallSite) -> Finding? {
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
}
