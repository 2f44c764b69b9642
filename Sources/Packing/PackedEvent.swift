internal import PerfData
internal import PerfRecords
internal import Session

/// An event as it is in a packed session.
struct PackedEvent {
    let event: RecordedEvent
    /// Its samples had stack dumps.
    let isRewritten: Bool
    /// Its samples have nothing but memory of the programs.
    let isLeftOut: Bool

    init(_ event: RecordedEvent) {
        isRewritten = event.attributes.sampleType.contains(.stackUser)
        isLeftOut = event.tracepoint?.qualifiedName == JoinedEvent.stack.qualifiedName
        var packed = event
        if isRewritten {
            packed.attributes.sampleType.remove([.stackUser, .registersUser])
            packed.attributes.sampleType.insert(.callchain)
            packed.attributes.sampleStackUser = 0
            packed.attributes.sampleRegistersUser = 0
            packed.attributes.flags.remove(.excludeCallchainUser)
            packed.layout = RecordLayout(packed.attributes)
        }
        self.event = packed
    }

    /// Features that describe the original file: they are written anew or no longer hold (compressed, directory).
    static let replacedFeatures: Set<Feature> = [.eventDescription, .compressed, .directoryFormat, .names]
}
