import Glibc
package import PerfRecords

/// One event that is to be opened on every CPU.
package struct PlannedEvent: Hashable, Sendable {
    /// As readers show it: `system:event`, `cpu-clock`, `dummy`.
    package var name: String
    package var attributes: EventAttributes
    /// The kernel's filter expression.
    package var filter: String?
    /// Whether the user requested it; the phases may need it too.
    package var isAsked = false
    package var tracepoint: TracepointName?
    package var description: TracepointDescription?
    var breakpoint: Breakpoint?
}

/// The events of a recording. The first is the dummy whose descriptors own the rings. `Recorder` appends those of BPF programs and of
/// probes; `RootWatch` opens its own.
package struct EventPlan: Hashable, Sendable {
    package var events: [PlannedEvent] = []
    /// Default tracepoints that this kernel lacks.
    package var missing: [String] = []
    /// What else the recording lacks, one line each.
    package var notes: [String] = []

    /// Whether samples can contain kernel addresses.
    package var samplesKernelAddresses: Bool {
        events.contains {
            $0.attributes.sampleType.contains(.callchain) && !$0.attributes.flags.contains(.excludeCallchainKernel)
        }
    }

    /// A plan without events.
    init() {}

    /// `describe` looks a tracepoint up: `nil` when the kernel does not have it.
    package init(
        options: RecordingOptions, features: KernelFeatures,
        describe: (TracepointName) throws(RecordingError) -> TracepointDescription?
    ) throws(RecordingError) {
        try self.init(
            options: options, features: features, ofPhases: DefaultTracepoint.all, describe: describe)
    }

    /// `ofPhases`: what is wanted of the kernel's tracepoints for the phases.
    init(
        options: RecordingOptions, features: KernelFeatures, ofPhases: [DefaultTracepoint],
        describe: (TracepointName) throws(RecordingError) -> TracepointDescription?
    ) throws(RecordingError) {
        let wakeup = Self.wakeup(options, ringSize: options.leastRingSize)
        // Beside other events than these, *joined* tells the groups.
        let tellsGroups = features.groups && !ofPhases.isEmpty
        let sideband = Self.sideband(features: features, tellsGroups: tellsGroups, wakeup: wakeup)
        events.append(PlannedEvent(name: "dummy", attributes: sideband))
        for wanted in ofPhases {
            if options.leavesOutSystemCalls, wanted.name.system == "syscalls" { continue }
            guard let found = try describe(wanted.name) else {
                if !wanted.isOptional { missing.append(wanted.name.description) }
                continue
            }
            var attributes = Self.tracepoint(found, features: features, wakeup: wakeup)
            if wanted.hasUserCallchain {
                attributes.sampleType.insert(.callchain)
                attributes.flags.insert(.excludeCallchainKernel)
            }
            if wanted.hasStackDump { StackDump(options).add(to: &attributes) }
            if tellsGroups, wanted.name == Self.execution { attributes.sampleType.insert(.cgroup) }
            events.append(
                PlannedEvent(
                    name: wanted.name.description, attributes: attributes, filter: wanted.filter,
                    tracepoint: wanted.name, description: found))
        }
        for text in options.tracepoints {
            try add(text, options: options, features: features, wakeup: wakeup, describe: describe)
        }
        if let frequency = options.sampleFrequency {
            let clock = Self.cpuClock(frequency: frequency, features: features, wakeup: wakeup)
            events.append(PlannedEvent(name: Self.clockName, attributes: clock, isAsked: true))
        }
    }

    /// Its samples have the control group, of the thread that executes.
    static let execution = TracepointName("sched", "sched_process_exec")

    /// The paths of control groups that are made are told.
    var tellsGroups: Bool { events.first?.attributes.flags.contains(.cgroup) ?? false }

    /// The event of --sample.
    static let clockName = "cpu-clock"

    /// Bytes in a ring from which on the recorder is woken. With a size limit, the session is written in small steps,
    /// since it ends when the next step would not fit.
    static func wakeup(_ options: RecordingOptions, ringSize: Int) -> UInt32 {
        let step = options.maximumSize.map { max(4096, Int(clamping: $0 / 64)) } ?? .max
        return UInt32(clamping: min(ringSize / 4, RingSize.mostBetweenWakeUps, step))
    }

    private mutating func add(
        _ text: String, options: RecordingOptions, features: KernelFeatures, wakeup: UInt32,
        describe: (TracepointName) throws(RecordingError) -> TracepointDescription?
    ) throws(RecordingError) {
        guard let name = TracepointName(text) else { throw .unknownTracepoint(text) }
        // One event serves the phases and the user, unless the phases' filter or the user's would hide something.
        if options.filter == nil, let index = events.firstIndex(where: { $0.tracepoint == name && $0.filter == nil }) {
            events[index].isAsked = true
            if options.callchains {
                events[index].attributes.sampleType.insert(.callchain)
                events[index].attributes.flags.remove(.excludeCallchainKernel)
            }
            return
        }
        guard let found = try describe(name) else { throw .unknownTracepoint(text) }
        var attributes = Self.tracepoint(found, features: features, wakeup: wakeup)
        if options.callchains { attributes.sampleType.insert(.callchain) }
        events.append(
            PlannedEvent(
                name: text, attributes: attributes, filter: options.filter, isAsked: true, tracepoint: name,
                description: found))
    }

    /// The dummy that brings COMM, MMAP2, FORK and EXIT.
    ///
    /// Never with `build_id`: while one event has it, kernels set PERF_RECORD_MISC_MMAP_BUILD_ID in the records of
    /// every other session of the machine too, although their bodies hold an inode, and perf aborts on them (seen on
    /// 6.18 with perf 6.1). Build IDs are read from the files instead, see `FileBuildIDs`.
    ///
    /// `tellsGroups`: it brings the paths of control groups that are made, too.
    static func sideband(
        features: KernelFeatures, tellsGroups: Bool = false, wakeup: UInt32
    ) -> EventAttributes {
        var attributes = common(features: features, wakeup: wakeup)
        attributes.type = EventAttributes.Kind.software
        attributes.config = EventAttributes.Software.dummy
        attributes.samplePeriod = 1
        attributes.flags.formUnion([.mmap, .mmap2, .comm, .commExec, .task])
        if tellsGroups { attributes.flags.insert(.cgroup) }
        return attributes
    }

    /// The dummy that brings COMM, MMAP2, FORK and EXIT of one process and its descendants, which needs no rights where
    /// perf_event_paranoid is 2 or less.
    static func inheritedSideband(features: KernelFeatures, wakeup: UInt32) -> EventAttributes {
        var attributes = sideband(features: features, wakeup: wakeup)
        attributes.flags.formUnion([.inherit, .excludeKernel, .excludeHypervisor])
        return attributes
    }

    /// The plan of the recorder inherited.
    static func inherited(features: KernelFeatures, ringSize: Int) -> EventPlan {
        var plan = EventPlan()
        let attributes = inheritedSideband(features: features, wakeup: UInt32(clamping: ringSize / 4))
        plan.events = [PlannedEvent(name: "dummy", attributes: attributes)]
        return plan
    }

    static func tracepoint(_ description: TracepointDescription, features: KernelFeatures, wakeup: UInt32)
        -> EventAttributes
    {
        var attributes = common(features: features, wakeup: wakeup)
        attributes.type = EventAttributes.Kind.tracepoint
        attributes.config = description.id
        attributes.samplePeriod = 1
        attributes.sampleType.insert(.raw)
        return attributes
    }

    static func cpuClock(frequency: UInt64, features: KernelFeatures, wakeup: UInt32) -> EventAttributes {
        var attributes = common(features: features, wakeup: wakeup)
        attributes.type = EventAttributes.Kind.software
        attributes.config = EventAttributes.Software.cpuClock
        attributes.samplePeriod = frequency
        attributes.sampleType.formUnion([.period, .callchain])
        attributes.flags.formUnion([.frequency, .excludeIdle])
        return attributes
    }

    /// The attributes that all events share: the same order of fields in every record's trailer, one clock, one
    /// watermark.
    static func common(features: KernelFeatures, wakeup: UInt32) -> EventAttributes {
        var attributes = EventAttributes()
        // The phases do not use the address, but perf script -F ip refuses a session in which one event lacks it.
        attributes.sampleType = [.identifier, .instructionPointer, .threadID, .time, .cpu]
        attributes.readFormat = features.lostCounts ? [.id, .lost] : [.id]
        attributes.flags = [.disabled, .sampleIDAll, .useClockID, .watermark]
        attributes.clockID = CLOCK_MONOTONIC
        attributes.wakeup = wakeup
        return attributes
    }
}
