import Glibc
import PerfData
import PerfRecords

/// Tells, as it happens, which processes have got another root directory or mount namespace. Its events are rare system calls and
/// go into rings of their own, of a page each, which wake the recorder at once; the session has nothing of them.
///
/// PERF_RECORD_NAMESPACES would tell the same, but the kernel writes one for every fork, and looks seven namespaces up for it.
struct RootWatch {
    private let events: OpenEvents

    private static let systemCalls = ["unshare", "setns", "pivot_root", "chroot"]

    /// `nil` where such events cannot be had.
    init?(
        workload: borrowing Workload, cpus: [Int32], features: KernelFeatures,
        describe: (TracepointName) throws(RecordingError) -> TracepointDescription?
    ) {
        var plan = EventPlan()
        for name in Self.systemCalls {
            let name = TracepointName("syscalls", "sys_exit_\(name)")
            guard let found = try? describe(name) else { continue }
            var attributes = EventPlan.tracepoint(found, features: features, wakeup: 1)
            attributes.sampleType = [.threadID]
            attributes.flags.remove(.sampleIDAll)
            plan.events.append(
                PlannedEvent(
                    name: name.description, attributes: attributes, filter: "ret == 0", tracepoint: name,
                    description: found))
        }
        guard !plan.events.isEmpty,
            let events = try? workload.open(plan, cpus: cpus, ringSize: Int(sysconf(Int32(_SC_PAGESIZE))))
        else { return nil }
        self.events = events
    }

    func enable(_ wakeUps: borrowing WakeUps) throws(RecordingError) {
        for ring in events.rings { try wakeUps.add(ring.descriptor, as: .rootChange) }
        try events.enable()
    }

    /// The processes of which something was told since the last time.
    func read() -> Set<Int32> {
        var processes: Set<Int32> = []
        for ring in events.rings {
            let bytes = ring.take(upTo: ring.head())
            var offset = 0
            // A sample: { header; u32 pid, tid; }.
            while let header = unsafe RecordHeader(decoding: bytes.span.bytes, at: offset),
                header.size >= RecordHeader.size
            {
                if header.type == .sample, let process = unsafe bytes.span.bytes.load(Int32.self, at: offset &+ 8) {
                    processes.insert(process)
                }
                offset &+= header.size
            }
        }
        return processes
    }
}
