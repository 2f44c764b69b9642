import ByteAccess
import Glibc
package import PerfData
package import PerfRecords
package import Session

/// A session put together record by record, with the tracepoints that the model reads. Times count up by themselves.
package struct HandmadeSession {
    /// Tracepoints by index, which is also the place of their event in the file, then one event that is none.
    package static let tracepoints: [(system: String, name: String, fields: [(declaration: String, size: Int)])] = [
        ("task", "task_newtask", [("pid_t pid", 4), ("char comm[16]", 16), ("unsigned long clone_flags", 8)]),
        ("sched", "sched_process_exec", [("char filename[32]", 32), ("pid_t old_pid", 4)]),
        ("sched", "sched_process_exit", [("bool group_dead", 1)]),
        ("syscalls", "sys_enter_execve", [("int __syscall_nr", 8)]),
        ("syscalls", "sys_exit_execve", [("long ret", 8)]),
        ("syscalls", "sys_exit_clone", [("long ret", 8)]),
    ]

    /// The events that the session has, by their indices; samples of others cannot be added.
    package private(set) var events: [SessionWriter.Event]
    private var present: [Int]
    package private(set) var records: [UInt8] = []
    private var time: UInt64 = 1_000_000
    private let hasFormats: Bool
    private let hasGroups: Bool
    /// What the recorder saw of processes' namespaces, as the session has it: times are the session's.
    package var namespaceChanges = "[]"
    /// When the next record is stamped.
    package var now: UInt64 { time }
    /// Besides those that every session has.
    package var features: [SessionWriter.Feature] = []

    /// `attributes` changes the event that is no tracepoint, which has the id 100. `hasGroups`: execs have a control group.
    package init(
        tracepoints present: [Int] = Array(tracepoints.indices), hasFormats: Bool = true, hasGroups: Bool = false,
        _ attributes: (inout EventAttributes) -> Void = { _ in }
    ) {
        self.hasFormats = hasFormats
        self.hasGroups = hasGroups
        self.present = present
        events = present.map { index in
            var event = Self.base
            event.type = EventAttributes.Kind.tracepoint
            event.config = UInt64(300 + index)
            event.sampleType.insert([.callchain, .raw])
            if hasGroups, index == 1 { event.sampleType.insert(.cgroup) }
            let name = Self.tracepoints[index]
            return SessionWriter.Event(
                name: "\(name.system):\(name.name)", attributes: event, ids: [UInt64(index + 1)])
        }
        var clock = Self.base
        clock.type = EventAttributes.Kind.software
        clock.samplePeriod = 4000
        clock.sampleType.insert(.callchain)
        attributes(&clock)
        events.append(SessionWriter.Event(name: "cpu-clock", attributes: clock, ids: [100]))
    }

    private static var base: EventAttributes {
        var event = EventAttributes()
        event.sampleType = [.identifier, .instructionPointer, .threadID, .time]
        event.flags = [.sampleIDAll]
        return event
    }

    // MARK: - What happens

    /// One more event that is no tracepoint.
    package mutating func addEvent(_ name: String, id: UInt64, _ attributes: EventAttributes) {
        events.append(SessionWriter.Event(name: name, attributes: attributes, ids: [id]))
    }

    package mutating func comm(_ pid: Int32, _ name: String, isExec: Bool = false) {
        var body = pair(pid, pid) + Array(name.utf8) + [0]
        body.pad(to: 8)
        record(3, misc: isExec ? 1 << 13 : 0, body, pid)
    }

    package mutating func fork(_ parent: Int32, _ child: Int32, thread: Int32? = nil, isExisting: Bool = false) {
        var body = pair(child, parent) + pair(thread ?? child, parent)
        body.store(time)
        record(7, misc: isExisting ? 1 << 13 : 0, body, parent)
    }

    package mutating func taskExit(_ pid: Int32, thread: Int32? = nil) {
        var body = pair(pid, pid) + pair(thread ?? pid, pid)
        body.store(time)
        record(4, body, pid)
    }

    package mutating func lost(_ count: UInt64) {
        var body: [UInt8] = []
        body.store(UInt64(1))
        body.store(count)
        record(2, body, 1)
    }

    /// MMAP2 of 4 KiB of code.
    package mutating func map(_ pid: Int32, _ path: String, at start: UInt64, protection: UInt32 = 5) {
        var body = pair(pid, pid)
        for word in [start, 0x1000, 0, 0, 0, 0] { body.store(word) }
        body.store(protection)
        body.store(UInt32(2))
        body += Array(path.utf8) + [0]
        body.pad(to: 8)
        record(10, misc: 2, body, pid)
    }

    package mutating func create(
        _ parent: Int32, _ child: Int32, flags: UInt64 = 0x4111, stack: [UInt64] = [], thread: Int32? = nil
    ) {
        var raw: [UInt8] = []
        raw.store(child)
        raw += [UInt8](repeating: 0, count: 16)
        raw.pad(to: 8)
        raw.store(flags)
        tracepoint(0, parent, raw, stack: stack, thread: thread)
    }

    package mutating func exec(_ pid: Int32, _ path: String, oldThread: Int32? = nil, group: UInt64 = 0) {
        var raw = Array(path.utf8.prefix(31))
        raw += [UInt8](repeating: 0, count: 32 - raw.count)
        raw.store(oldThread ?? pid)
        var behind: [UInt8] = []
        if hasGroups { behind.store(group) }
        tracepoint(1, pid, raw, behind: behind)
    }

    /// CGROUP.
    package mutating func controlGroup(_ id: UInt64, _ path: [UInt8]) {
        var body: [UInt8] = []
        body.store(id)
        body += path + [0]
        body.pad(to: 8)
        record(19, body, 0)
    }

    package mutating func exit(_ pid: Int32) { tracepoint(2, pid, [1]) }

    /// One that fails with this errno.
    package mutating func attempt(_ pid: Int32, errno: Int64 = 2) {
        attemptEntry(pid)
        attemptReturn(pid, errno: errno)
    }

    package mutating func attemptEntry(_ pid: Int32) { tracepoint(3, pid, [UInt8](repeating: 0, count: 8)) }

    package mutating func attemptReturn(_ pid: Int32, errno: Int64) {
        var raw: [UInt8] = []
        raw.store(-errno)
        tracepoint(4, pid, raw)
    }

    /// The child comes back from its creation.
    package mutating func firstRun(_ pid: Int32) { tracepoint(5, pid, [UInt8](repeating: 0, count: 8)) }

    /// The creating call returns in the spawner.
    package mutating func returnFromCreation(_ pid: Int32, _ child: Int32) {
        var raw: [UInt8] = []
        raw.store(Int64(child))
        tracepoint(5, pid, raw)
    }

    /// KSYMBOL of 256 bytes of the kernel's code.
    package mutating func kernelFunction(_ name: String, at start: UInt64) {
        var body: [UInt8] = []
        body.store(start)
        body.store(UInt32(256))
        body.store(UInt32(1))
        body += Array(name.utf8) + [0]
        body.pad(to: 8)
        record(17, body, 0)
    }

    /// A sample of the event that is no tracepoint; `fields` are the bytes between the time and the callchain.
    package mutating func sample(
        _ pid: Int32, stack: [UInt64]?, fields: [UInt8] = [], behind: [UInt8] = [], misc: UInt16 = 2, id: UInt64 = 100
    ) {
        var body = start(id, pid, pid, stack?.first ?? 0) + fields
        if let stack { body += chain(stack) }
        append(9, misc, body + behind)
    }

    package mutating func finishRound() { append(68, 0, []) }

    private mutating func tracepoint(
        _ index: Int, _ pid: Int32, _ fields: [UInt8], stack: [UInt64] = [], thread: Int32? = nil, behind: [UInt8] = []
    ) {
        guard present.contains(index) else { return }
        var raw = [UInt8](repeating: 0, count: 8) + fields
        // The raw bytes and their size together end on a multiple of 8.
        while (raw.count + 4) % 8 != 0 { raw.append(0) }
        var body = start(UInt64(index + 1), pid, thread ?? pid, stack.first ?? 0) + chain(stack)
        body.store(UInt32(raw.count))
        append(9, 2, body + raw + behind)
    }

    // MARK: - Bytes

    private mutating func start(_ id: UInt64, _ pid: Int32, _ tid: Int32, _ address: UInt64) -> [UInt8] {
        var body: [UInt8] = []
        body.store(id)
        body.store(address)
        body += pair(pid, tid)
        body.store(time)
        return body
    }

    private func chain(_ stack: [UInt64]) -> [UInt8] {
        // PERF_CONTEXT_USER, or whatever the caller begins with.
        let marked = stack.isEmpty || (stack[0] as UInt64) > 0 &- 4096 ? stack : [0 &- 512] + stack
        var bytes: [UInt8] = []
        bytes.store(UInt64(marked.count))
        for address in marked { bytes.store(address) }
        return bytes
    }

    private func pair(_ first: Int32, _ second: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(first)
        bytes.store(second)
        return bytes
    }

    private mutating func record(_ type: UInt32, misc: UInt16 = 0, _ body: [UInt8], _ pid: Int32) {
        var body = body + pair(pid, pid)
        body.store(time)
        body.store(UInt64(present.first.map { UInt64($0 + 1) } ?? 100))
        append(type, misc, body)
    }

    private mutating func append(_ type: UInt32, _ misc: UInt16, _ body: [UInt8]) {
        records.store(type)
        records.store(misc)
        records.store(UInt16(8 + body.count))
        records += body
        time += 1000
    }

    // MARK: - The file

    /// `root`: the process of a COMMAND; without one the session has no metadata, as of stock perf.
    package func withSession<Result>(root: Int32?, _ body: (Session) throws -> Result) throws -> Result {
        let path = "/tmp/spawnscope-analysis-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        defer { unlink(path) }
        let described = present.map { index in
            TracingDataEncoding.Event(system: Self.tracepoints[index].system, format: Self.format(index))
        }
        let tracing = TracingDataEncoding(
            headerPage: Array("page\n".utf8), headerEvent: Array("event\n".utf8), pageSize: 4096, events: described)
        var features = [
            SessionWriter.Feature(FeatureEncoding.Bit.eventDescription, FeatureEncoding.eventDescription(events))
        ]
        // Not this machine's kernel: its symbols are not for these addresses.
        features.append(SessionWriter.Feature(FeatureEncoding.Bit.osRelease, FeatureEncoding.string("1.0-handmade")))
        features += self.features
        if hasFormats { features.append(SessionWriter.Feature(FeatureEncoding.Bit.tracingData, tracing.encoded())) }
        if let root {
            let json =
                "{\"schema\": \"spawnscope.session/1\", \"root_pid\": \(root), \"namespaces\": \(namespaceChanges)}"
            features.append(SessionWriter.Feature(Feature.session.rawValue, Array(json.utf8)))
        }
        var writer = try SessionWriter(path: path, events: events, features: [])
        try writer.append(records)
        try writer.finish(features: features)
        return try body(Session(PerfDataFile(path: path)))
    }

    private static func format(_ index: Int) -> [UInt8] {
        var text = "name: \(tracepoints[index].name)\nID: \(300 + index)\nformat:\n"
        var offset = 8
        for field in tracepoints[index].fields {
            if field.size == 8 { offset = (offset + 7) & ~7 }
            let isSigned = field.declaration.hasPrefix("unsigned") ? 0 : 1
            text += "\tfield:\(field.declaration);\toffset:\(offset);\tsize:\(field.size);\tsigned:\(isSigned);\n"
            offset += field.size
        }
        return Array((text + "\nprint fmt: \"\"\n").utf8)
    }
}
