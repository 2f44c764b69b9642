import CPerfEvent
import Glibc
import KernelPrograms
import PerfData
import PerfRecords
import Session

/// The planned events, open on every CPU. All events of a CPU write into one ring.
///
/// As a recorder this is *events*: samples of the kernel's tracepoints for every process of the machine, and a reader
/// finds the workload's. `follow` has nothing to do. Of one process, they are the recorder *inherited*: what the kernel
/// tells of it and of its descendants without any tracepoint.
final class OpenEvents: RecordSource {
    let plan: EventPlan
    /// What the recording lacks, one line each.
    var notes: [String] = []
    let rings: [Ring]
    /// Bytes of each ring.
    let ringSize: Int
    /// The CPU of each ring.
    let cpus: [Int32]
    /// By event, then by CPU.
    let ids: [[UInt64]]
    private let countsLost: Bool
    /// By event, then by CPU; `owned` closes them.
    private let descriptors: [[Int32]]
    private let owned: DetachedDescriptors
    /// How far the rings of the round that was taken had been written.
    private var heads: [UInt64] = []
    private var programs: [BPFPrograms] = []

    init(
        plan: EventPlan, cpus: [Int32], ringSize: Int, _ scope: EventScope = .machine
    ) throws(RecordingError) {
        var descriptors = [[Int32]](repeating: [], count: plan.events.count)
        var owned = DetachedDescriptors()
        var rings: [Ring] = []
        var openCPUs: [Int32] = []
        var ids = [[UInt64]](repeating: [], count: plan.events.count)
        for cpu in cpus {
            var ring: Ring?
            for (index, event) in plan.events.enumerated() {
                let number = openEvent(event, cpu: cpu, scope)
                // The CPU went offline since the list was read.
                if number == -ENODEV, index == 0 { break }
                guard number >= 0 else {
                    throw Self.refusal(of: event, code: -number, needed: plan.events.count * cpus.count + 64)
                }
                descriptors[index].append(number)
                owned.append(number)
                if let filter = event.filter {
                    let result = unsafe cperf_event_set_filter(number, filter)
                    guard result >= 0 else {
                        throw .badFilter(filter: filter, tracepoint: event.name, code: -result)
                    }
                }
                var id: UInt64 = 0
                let result = unsafe cperf_event_id(number, &id)
                guard result >= 0 else { throw .system(operation: "ask for an event's id", code: -result) }
                ids[index].append(id)
                if event.attributes.sampleStackUser > 0 {
                    ring?.trim(identifier: id, dumpSize: Int(event.attributes.sampleStackUser))
                }
                if let ring {
                    let result = cperf_event_set_output(number, ring.descriptor)
                    guard result >= 0 else { throw .system(operation: "share a ring buffer", code: -result) }
                } else {
                    ring = try Ring(descriptor: number, size: ringSize)
                }
            }
            if let ring {
                rings.append(ring)
                openCPUs.append(cpu)
            }
        }
        guard !rings.isEmpty else { throw .cannotOpenEvent(name: "dummy", code: ENODEV) }
        self.plan = plan
        self.rings = rings
        self.ringSize = ringSize
        self.cpus = openCPUs
        self.ids = ids
        self.descriptors = descriptors
        self.owned = owned
        kind = if case .process = scope { .inherited } else { .events }
        countsLost = plan.events.first?.attributes.readFormat.contains(.lost) ?? false
    }

    private static func refusal(of event: PlannedEvent, code: Int32, needed: Int) -> RecordingError {
        switch code {
        case EMFILE: .tooManyDescriptors(needed: needed, limit: DescriptorLimit.current)
        default: .opening(event.name, code: code)
        }
    }

    func enable() throws(RecordingError) {
        for number in descriptors.joined() {
            let result = cperf_event_enable(number)
            guard result >= 0 else { throw .system(operation: "enable an event", code: -result) }
        }
    }

    /// The descriptors of the planned event of this name; if there are several, of the first.
    func descriptors(of name: String) -> [(cpu: Int32, number: Int32)] {
        guard let index = plan.events.firstIndex(where: { $0.name == name }) else { return [] }
        return Array(zip(cpus, descriptors[index])).map { (cpu: $0.0, number: $0.1) }
    }

    /// Calls for which the kernel skipped the programs of the output `name`; `nil` if it is not an output.
    private func misses(of name: String) -> UInt64? {
        programs.first { $0.output.rawValue == name }?.misses
    }

    /// Keeps programs that are attached to these events, as long as the events are open.
    func keep(_ programs: BPFPrograms) { self.programs.append(programs) }

    func disable() {
        for index in plan.orderOfDisabling {
            for number in descriptors[index] { _ = cperf_event_disable(number) }
        }
    }

    let kind: SessionMetadata.RecorderKind
    var openCPUs: [Int32]? { cpus }
    var wakeUps: [Int32] { rings.map(\.descriptor) }

    func follow(thread: Int32) {}
    func begin() {}

    func takeRound() -> UInt64 {
        heads = rings.map { $0.head() }
        return zip(rings, heads).reduce(0) { $0 &+ $1.0.unread(upTo: $1.1) }
    }

    func writeRound(to session: inout SessionWriter) throws(SessionWriteError) -> Bool {
        // Copies from all rings before the first write, which may take as long as the file system likes.
        for (ring, head) in zip(rings, heads) { ring.copyDumps(upTo: head) }
        var wrote = false
        for (ring, head) in zip(rings, heads) where try ring.drain(upTo: head, into: &session) { wrote = true }
        return wrote
    }

    /// Each event's counter: `{ u64 value; u64 id; u64 lost; }`, the last from kernel 6.0 on.
    func counts() -> [SourceCount] {
        zip(plan.events, descriptors).map { event, numbers in
            var value: UInt64 = 0
            var lost: UInt64 = 0
            for number in numbers {
                var words: [UInt64] = [0, 0, 0]
                let size = countsLost ? 24 : 16
                guard unsafe words.withUnsafeMutableBytes({ unsafe read(number, $0.baseAddress, size) }) == size else {
                    continue
                }
                value &+= words[0]
                lost &+= words[2]
            }
            // The dummy never counts, and cpu-clock counts nanoseconds.
            return SourceCount(
                occurrences: event.tracepoint == nil ? nil : value, lost: countsLost ? lost : nil,
                missed: misses(of: event.name).flatMap { $0 > 0 ? $0 : nil })
        }
    }
}
