import CPerfEvent
import Glibc
import PerfData
import PerfRecords
import Session

/// The planned events, open on every CPU. All events of a CPU write into one ring.
final class OpenEvents {
    /// What reading an event gives, summed over the CPUs.
    struct Count {
        var value: UInt64 = 0
        var lost: UInt64 = 0
    }

    let plan: EventPlan
    let rings: [Ring]
    /// Bytes of each ring.
    let ringSize: Int
    /// The CPU of each ring.
    let cpus: [Int32]
    /// By event, then by CPU.
    let ids: [[UInt64]]
    private let countsLost: Bool
    private let descriptors: Descriptors
    private var programs: [BPFPrograms] = []

    /// Owns plain descriptor numbers. Dropping it hands them to a process that closes them while this one goes on; if
    /// none can be started, they are closed here, slowly.
    private struct Descriptors: ~Copyable {
        /// By event, then by CPU.
        var numbers: [[Int32]]

        init(events: Int) { numbers = Array(repeating: [], count: events) }

        deinit {
            let ascending = numbers.joined().sorted()
            _ = unsafe ascending.withUnsafeBufferPointer { unsafe cperf_close_detached($0.baseAddress, $0.count) }
            for number in ascending { _ = close(number) }
        }
    }

    /// `cgroup`: a descriptor of the control group to whose tasks the events are limited.
    init(plan: EventPlan, cpus: [Int32], ringSize: Int, cgroup: Int32? = nil) throws(RecordingError) {
        var descriptors = Descriptors(events: plan.events.count)
        var rings: [Ring] = []
        var openCPUs: [Int32] = []
        var ids = [[UInt64]](repeating: [], count: plan.events.count)
        for cpu in cpus {
            var ring: Ring?
            for (index, event) in plan.events.enumerated() {
                let number = openEvent(event, cpu: cpu, cgroup: cgroup)
                // The CPU went offline since the list was read.
                if number == -ENODEV, index == 0 { break }
                guard number >= 0 else {
                    throw Self.refusal(of: event, code: -number, needed: plan.events.count * cpus.count + 64)
                }
                descriptors.numbers[index].append(number)
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
        countsLost = plan.events.first?.attributes.readFormat.contains(.lost) ?? false
    }

    private static func refusal(of event: PlannedEvent, code: Int32, needed: Int) -> RecordingError {
        switch code {
        case EMFILE: .tooManyDescriptors(needed: needed, limit: DescriptorLimit.current)
        default: .opening(event.name, code: code)
        }
    }

    func enable() throws(RecordingError) {
        for number in descriptors.numbers.joined() {
            let result = cperf_event_enable(number)
            guard result >= 0 else { throw .system(operation: "enable an event", code: -result) }
        }
    }

    /// The descriptors of the planned event of this name; if there are several, of the first.
    func descriptors(of name: String) -> [(cpu: Int32, number: Int32)] {
        guard let index = plan.events.firstIndex(where: { $0.name == name }) else { return [] }
        return Array(zip(cpus, descriptors.numbers[index])).map { (cpu: $0.0, number: $0.1) }
    }

    /// Calls for which the kernel skipped the programs of the output `name`; `nil` if it is not an output.
    func misses(of name: String) -> UInt64? {
        programs.first { $0.output.rawValue == name }?.misses
    }

    /// Keeps programs that are attached to these events, as long as the events are open.
    func keep(_ programs: BPFPrograms) { self.programs.append(programs) }

    func disable() {
        for index in plan.orderOfDisabling {
            for number in descriptors.numbers[index] { _ = cperf_event_disable(number) }
        }
    }

    /// Each event's counter: `{ u64 value; u64 id; u64 lost; }`, the last from kernel 6.0 on.
    func counts() -> [Count] {
        descriptors.numbers.map { numbers in
            var sum = Count()
            for number in numbers {
                var words: [UInt64] = [0, 0, 0]
                let size = countsLost ? 24 : 16
                guard unsafe words.withUnsafeMutableBytes({ unsafe read(number, $0.baseAddress, size) }) == size else {
                    continue
                }
                sum.value &+= words[0]
                sum.lost &+= words[2]
            }
            return sum
        }
    }
}
