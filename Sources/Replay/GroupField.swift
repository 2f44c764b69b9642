internal import ByteAccess
package import PerfData
package import PerfRecords
internal import Session

/// Where an event's samples have the id of a control group.
package enum GroupField {
    /// In every sample that perf writes.
    case ofSample
    /// In the raw bytes of our own events.
    case ofRaw(TracepointFormat.Field.Place)

    /// `nil` if they have none.
    package init?(_ event: RecordedEvent) {
        if let format = event.tracepoint, JoinedEvent(qualifiedName: format.qualifiedName) != nil {
            guard let place = format.place(of: JoinedEvent.Field.group.rawValue) else { return nil }
            self = .ofRaw(place)
        } else {
            guard event.attributes.sampleType.contains(.cgroup) else { return nil }
            self = .ofSample
        }
    }

    /// `nil` if the sample does not tell it.
    package func id(of record: borrowing RawSpan, layout: RecordLayout) -> UInt64? {
        guard let sample = try? RawSample(decoding: record, layout: layout) else { return nil }
        let id =
            switch self {
            case .ofSample: sample.group
            case .ofRaw(let place): place.integer(in: record, raw: sample.raw).map { UInt64(bitPattern: $0) } ?? 0
            }
        return id == 0 ? nil : id
    }
}
