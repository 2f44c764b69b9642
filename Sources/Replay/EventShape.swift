package import PerfData
package import PerfRecords
internal import Session

/// The properties of an event that every sample needs, without strings and arrays that would be retained and released.
package struct EventShape {
    package let layout: RecordLayout
    package let isTracepoint: Bool
    /// A sample of the running program at its instruction pointer: no tracepoint, no probe, no BPF program's output.
    package let isOfExecution: Bool
    package let samplePeriod: UInt64
    package let isRead: Bool
    package let branchesAreCallStack: Bool
    /// `sample_regs_user`.
    package let registerMask: UInt64
    /// Its stacks are what was in use of them, up to the end.
    let hasLiveStacks: Bool

    package init(_ event: RecordedEvent) {
        layout = event.layout
        let attributes = event.attributes
        isTracepoint = attributes.type == EventAttributes.Kind.tracepoint
        isOfExecution =
            !isTracepoint
            && !(attributes.type == EventAttributes.Kind.software
                && attributes.config == EventAttributes.Software.bpfOutput)
            && event.name != LifecycleProbe.linked
            && !ProbeEvent.isProbe(name: event.name, type: attributes.type)
        samplePeriod = attributes.samplePeriod
        registerMask = attributes.sampleRegistersUser
        hasLiveStacks = event.tracepoint?.qualifiedName == JoinedEvent.spawn.qualifiedName
        isRead = event.layout.sampleType.contains(.read)
        branchesAreCallStack = event.layout.branchSampleType.contains(.callStack)
    }

    /// 1 for a tracepoint; without PERF_SAMPLE_PERIOD the attributes' period; never 0.
    package func period(of sample: Sample) -> UInt64 {
        if isTracepoint { return 1 }
        return max(sample.fields.contains(.period) ? sample.period : samplePeriod, 1)
    }
}

/// The places of the fields of a `SampleHead`, for events whose samples need no others. `EventShape` would be copied
/// for each sample.
package struct HeadShape {
    /// `nil` if samples need more than a `SampleHead`.
    package let layout: SampleHead.Layout?
    private let isTracepoint: Bool
    private let hasPeriod: Bool
    private let samplePeriod: UInt64

    package init(_ shape: EventShape) {
        layout = shape.branchesAreCallStack ? nil : SampleHead.Layout(shape.layout)
        isTracepoint = shape.isTracepoint
        hasPeriod = shape.layout.sampleType.contains(.period)
        samplePeriod = shape.samplePeriod
    }

    /// By the rules of `EventShape.period(of:)`.
    package func period(of sample: SampleHead) -> UInt64 {
        if isTracepoint { return 1 }
        return max(hasPeriod ? sample.period : samplePeriod, 1)
    }
}
