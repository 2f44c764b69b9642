import CPerfEvent
import Capture
import PerfRecords

/// The tracepoints of every recording, kept open by the tests while they run.
///
/// When the last event of a tracepoint is closed, the kernel waits until no CPU is in it any more, one tracepoint after another: that
/// is most of what a short recording takes. As long as somebody has them open it need not. These are never enabled, so they record nothing.
enum HeldTracepoints {
    /// Opens them; what cannot be opened is left to the tests to tell. They close with this process.
    static func open() {
        guard let tracing = try? TracingDirectory.find(), let features = try? KernelFeatures.probe(cpu: 0),
            let plan = try? EventPlan(
                options: RecordingOptions(command: ["true"]), features: features,
                describe: { name throws(RecordingError) in try tracing.describe(name) })
        else { return }
        for event in plan.events where event.tracepoint != nil {
            _ = event.attributes.encoded().withUnsafeBytes { cperf_event_open($0.baseAddress, 0) }
        }
    }
}
