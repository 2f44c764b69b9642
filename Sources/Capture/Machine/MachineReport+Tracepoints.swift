import Glibc
import PerfRecords

extension MachineReport {
    /// Checks whether the tracepoints that the phases need exist, and whether one can be opened.
    static func tracepoints(
        _ tracing: TracingDirectory, cpu: Int32, features: KernelFeatures?, into checks: inout [MachineCheck]
    ) {
        var missing: [String] = []
        var found: [TracepointName: TracepointDescription] = [:]
        let needed = DefaultTracepoint.all.filter { !$0.isOptional }
        for wanted in needed {
            do throws(RecordingError) {
                if let description = try tracing.describe(wanted.name) {
                    found[wanted.name] = description
                } else {
                    missing.append(wanted.name.description)
                }
            } catch {
                checks.append(.blocking("tracepoints", "\(error)"))
                return
            }
        }
        let total = needed.count
        checks.append(
            missing.isEmpty
                ? .fine("tracepoints", "all \(total) are there")
                : .limited(
                    "tracepoints",
                    "\(total - missing.count) of \(total): recorded without " + missing.joined(separator: ", ")))
        if let exit = found[TracepointName("sched", "sched_process_exit")] {
            checks.append(
                exit.format.field("group_dead") != nil
                    ? .fine("process end", "sched_process_exit says when the last thread is gone (group_dead)")
                    : .limited(
                        "process end", "taken from EXIT records: sched_process_exit has no group_dead before 6.16"))
        }
        if let features, let description = found.values.first {
            checks.append(opening(description, cpu: cpu, features: features))
        }
    }

    private static func opening(_ tracepoint: TracepointDescription, cpu: Int32, features: KernelFeatures)
        -> MachineCheck
    {
        let number = openEvent(EventPlan.tracepoint(tracepoint, features: features, wakeup: 4096), cpu: cpu)
        guard number >= 0 else {
            let error = RecordingError.opening(tracepoint.format.qualifiedName, code: -number)
            return .blocking("tracepoint events", "\(error)", remedy: asRoot)
        }
        _ = close(number)
        return .fine("tracepoint events", "may be opened, payload included")
    }
}
