public import ByteAccess

/// The byte layout of an event's records, computed once from the event's attributes.
///
/// A sample starts with fields at fixed offsets, up to the first one of variable length; every other record ends with
/// an identity trailer if the attributes have `sample_id_all`. So one load gets the time, id or thread of any record.
public struct RecordLayout: Hashable, Sendable {
    /// The fields of samples.
    public let sampleType: SampleType
    /// The shape of the counters' values.
    public let readFormat: ReadFormat
    package let branchSampleType: BranchSampleType
    package let registersUserCount: Int
    package let registersInterruptCount: Int

    /// Bytes of the trailer of records other than samples; 0 without `sample_id_all`.
    @usableFromInline package let identitySize: Int

    /// Offsets from the start of a sample, negative if it has no such field.
    @usableFromInline package let sampleIDOffset: Int
    package let sampleThreadOffset: Int
    @usableFromInline package let sampleTimeOffset: Int
    package let sampleCPUOffset: Int
    package let samplePeriodOffset: Int
    /// Offset in a sample at which the fields at fixed offsets end.
    package let sampleFixedEnd: Int

    /// Distances from the *end* of other records, 0 if they have no such field.
    @usableFromInline package let trailingIDDistance: Int
    @usableFromInline package let trailingTimeDistance: Int

    /// The layout of the records of an event with these attributes.
    public init(_ attributes: EventAttributes) {
        let type = attributes.sampleType
        sampleType = type
        readFormat = attributes.readFormat
        branchSampleType = attributes.branchSampleType
        registersUserCount = attributes.sampleRegistersUser.nonzeroBitCount
        registersInterruptCount = attributes.sampleRegistersInterrupt.nonzeroBitCount

        var offset = RecordHeader.size
        func place(_ field: SampleType) -> Int {
            guard type.contains(field) else { return -1 }
            defer { offset += 8 }
            return offset
        }
        let identifier = place(.identifier)
        _ = place(.instructionPointer)
        sampleThreadOffset = place(.threadID)
        sampleTimeOffset = place(.time)
        _ = place(.address)
        let id = place(.id)
        _ = place(.streamID)
        sampleCPUOffset = place(.cpu)
        samplePeriodOffset = place(.period)
        sampleIDOffset = identifier >= 0 ? identifier : id
        sampleFixedEnd = offset

        guard attributes.flags.contains(.sampleIDAll) else {
            identitySize = 0
            trailingIDDistance = 0
            trailingTimeDistance = 0
            return
        }
        var distance = 0
        func placeFromEnd(_ field: SampleType) -> Int {
            guard type.contains(field) else { return 0 }
            distance += 8
            return distance
        }
        let trailingIdentifier = placeFromEnd(.identifier)
        _ = placeFromEnd(.cpu)
        _ = placeFromEnd(.streamID)
        let trailingID = placeFromEnd(.id)
        trailingTimeDistance = placeFromEnd(.time)
        _ = placeFromEnd(.threadID)
        trailingIDDistance = trailingIdentifier > 0 ? trailingIdentifier : trailingID
        identitySize = distance
    }

    /// The time of a record in nanoseconds of the event's clock; `nil` if it has none.
    @inlinable
    public func time(of type: RecordType, in bytes: borrowing RawSpan) -> UInt64? {
        if type == .sample {
            return sampleTimeOffset < 0 ? nil : bytes.load(UInt64.self, at: sampleTimeOffset)
        }
        return trailingWord(at: trailingTimeDistance, of: type, in: bytes)
    }

    /// The id of the event that wrote a record; `nil` if the record has none.
    @inlinable
    public func id(of type: RecordType, in bytes: borrowing RawSpan) -> UInt64? {
        if type == .sample {
            return sampleIDOffset < 0 ? nil : bytes.load(UInt64.self, at: sampleIDOffset)
        }
        return trailingWord(at: trailingIDDistance, of: type, in: bytes)
    }

    /// A word of the identity trailer, which only the kernel writes; perf's own records end with their payload.
    @inlinable
    func trailingWord(at distance: Int, of type: RecordType, in bytes: borrowing RawSpan) -> UInt64? {
        guard distance > 0, type.isFromKernel, bytes.byteCount >= RecordHeader.size &+ identitySize else { return nil }
        return bytes.load(UInt64.self, at: bytes.byteCount &- distance)
    }
}
