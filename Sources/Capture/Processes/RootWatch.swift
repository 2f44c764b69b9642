import ByteAccess
import Glibc
import PerfData
import PerfRecords

/// Reports at once which processes have got another root directory or mount namespace, or another pid namespace for
/// their children. Its events are rare system calls and go into rings of their own, of a page each, which wake the
/// recorder at once; they are not in the session.
///
/// PERF_RECORD_NAMESPACES would report the same, but the kernel writes one for every fork and looks up seven namespaces
/// for it.
struct RootWatch {
    private let events: OpenEvents

    private static let systemCalls = ["unshare", "setns", "pivot_root", "chroot"]

    /// `nil` if such events cannot be opened.
    init?(
        workload: borrowing Workload, cpus: [Int32], features: KernelFeatures,
        describe: (TracepointName) throws(RecordingError) -> TracepointDescription?
    ) {
        var plan = EventPlan()
        for name in Self.systemCalls {
            let name = TracepointName("syscalls", "sys_exit_\(name)")
            guard let found = try? describe(name) else { continue }
            var attributes = EventPlan.tracepoint(found, features: features, wakeup: 1)
            attributes.sampleType = [.threadID, .time]
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

    /// The processes that made a change since the last call, and when each made its last, by the session's clock.
    func read() -> [Int32: UInt64] {
        var processes: [Int32: UInt64] = [:]
        for ring in events.rings {
            let bytes = ring.take(upTo: ring.head())
            var offset = 0
            // A sample: { header; u32 pid, tid; u64 time; }.
            while let header = unsafe RecordHeader(decoding: bytes.span.bytes, at: offset),
                header.size >= RecordHeader.size
            {
                if header.type == .sample, let process = unsafe bytes.span.bytes.load(Int32.self, at: offset &+ 8),
                    let time = unsafe bytes.span.bytes.load(UInt64.self, at: offset &+ 16)
                {
                    processes[process] = max(processes[process] ?? 0, time)
                }
                offset &+= header.size
            }
        }
        return processes
    }
}
