internal import ByteAccess
internal import Presentation

extension Report {
    /// Nanoseconds that a KiB of environment adds to an exec at the least. Measured on a 2-core VM with Linux 6.18,
    /// /bin/true by vfork with 2 to 256 KiB, medians of 300 interleaved runs: 0.40 to 0.43 µs per KiB in variables of
    /// 1,000 bytes, 1.7 to 2.0 in variables of 50. The session does not record the number of variables.
    private static let leastCost: UInt64 = 400
    /// Execs of the same program with a small environment that are needed for a comparison with their mean.
    private static let fewestCompared = 10

    func largeEnvironment(_ site: CallSite) -> Finding? {
        let found = site.evidence.environments
        guard found.timed > 0 else { return nil }
        let bytes = site.evidence.environmentBytes / UInt64(found.spawns)
        let compared = lightExec(likeThoseOf: site).map { light in
            let mean = found.nanoseconds / UInt64(found.timed)
            let (needed, overflow) = light.multipliedReportingOverflow(by: UInt64(found.timed))
            return (
                ": exec took \(Quantities.duration(mean)) each, with a small one \(Quantities.duration(light))",
                overflow ? 0 : found.nanoseconds.subtractingSaturating(needed)
            )
        }
        let excess = site.evidence.environmentBytes.subtractingSaturating(
            UInt64(found.spawns) * SpawnSizes.smallEnvironment)
        let saving = compared?.1 ?? excess.scaled(by: Self.leastCost, over: 1024)
        let cost = compared?.0 ?? ", to copy it takes at least \(Quantities.duration(saving))"
        return Finding(
            kind: .largeEnvironment,
            text: "A large environment: \(Quantities.count(found.spawns, "exec"))"
                + " \(found.spawns == 1 ? "was" : "were") given \(Quantities.bytes(bytes)) each\(cost). Pass only what the program needs.",
            saving: saving, callSite: site.id)
    }

    /// The mean exec time of the one program that this call site starts, over all its execs with a small environment.
    /// Different programs cannot be compared: the time of an exec depends on what is executed.
    private func lightExec(likeThoseOf site: CallSite) -> UInt64? {
        guard site.programs.count == 1, let chain = site.programs.first?.chain,
            let light = spawns.programs.first(where: { $0.chain == chain })?.lightExecs,
            light.timed >= Self.fewestCompared
        else { return nil }
        return light.nanoseconds / UInt64(light.timed)
    }
}
