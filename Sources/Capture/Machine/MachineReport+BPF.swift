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
}
