internal import ByteAccess
internal import Presentation
internal import SpawnModel

extension Report {
    /// Fewer samples of close(2) than this may be chance.
    private static let fewestSamples = 10

    /// No recorded event shows close(2), and a tracepoint for it would slow down the whole machine. What is known are
    /// the CPU samples of `record --sample` that fall into `prepare`.
    func closingDescriptors(_ site: CallSite) -> Finding? {
        let (closing, all) = (site.evidence.closingSamples, site.evidence.preparingSamples)
        // Below a quarter, closing is not what takes the time: most children close a few.
        guard closing >= Self.fewestSamples, closing >= all / 4 + (all % 4 > 0 ? 1 : 0) else { return nil }
        let prepare = site.phases[.prepare].sum
        let saving = prepare.scaled(by: UInt64(closing), over: UInt64(all))
        return Finding(
            kind: .closingDescriptors,
            text: "Closing descriptors one by one: \(Quantities.grouped(closing)) of"
                + " \(Quantities.count(all, "cpu sample")) before the exec were in close, some"
                + " \(Quantities.duration(saving)) of \(Quantities.duration(prepare)). Use close_range(2), or O_CLOEXEC"
                + " where they are opened.",
            saving: saving, callSite: site.id)
    }
}
