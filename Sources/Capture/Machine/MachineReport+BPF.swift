import KernelPrograms
import PerfRecords
import Session

extension MachineReport {
    /// Whether the recorder's programs can be loaded, the kernel's verifier included.
    static func bpf(_ tracing: TracingDirectory, cpus: [Int32]) -> MachineCheck {
        let outputs = BPFOutputs(cpus: cpus, describe: tracing.describe)
        guard !outputs.notes.isEmpty else {
            return .fine(
                "bpf", "programs may be loaded: " + ProgramOutput.allCases.map(\.meaning).joined(separator: ", "))
        }
        return .limited(
            "bpf", outputs.notes.joined(separator: "; "),
            remedy: Capabilities.effective.union(Privileges.available).isDisjoint(with: [.bpf, .sysAdmin])
                ? asRoot : nil)
    }

    /// Whether the joined recorder's programs can be loaded and attached.
    static func joined(_ tracing: TracingDirectory, _ features: KernelFeatures) -> MachineCheck {
        let images = ImageReader(
            buildID: { _ in nil }, symbolOffset: { _, _ in nil }, functionOffset: { _, _ in nil })
        let choice = SourceChoice(
            options: RecordingOptions(command: ["true"]), features: features, tracing: tracing, images: images, cpus: []
        )
        guard let refusal = choice.refusal else {
            return .fine("joined recorder", "its programs may be loaded: record uses it")
        }
        return .limited("joined recorder", "record uses the recorder events: \(refusal)")
    }
}
