import PerfRecords

/// `struct sample_id`, the trailer of records that are no samples, for one subset of the six fields it can have.
struct IdentityTrailer: Sendable {
    var sampleType: SampleType

    /// Each of the 64 subsets of TID, TIME, ID, CPU, STREAM_ID and IDENTIFIER.
    static let every: [IdentityTrailer] = (0..<64).map { subset in
        let bits: [UInt64] = [1, 2, 6, 7, 9, 16]
        let chosen = bits.indices.filter { subset & (1 << $0) != 0 }
        return IdentityTrailer(sampleType: SampleType(rawValue: chosen.reduce(0) { $0 | 1 << bits[$1] }))
    }

    func has(_ bit: UInt64) -> Bool { sampleType.rawValue & (1 << bit) != 0 }

    var layout: RecordLayout { .of(sampleType, sampleIDAll: true) }

    /// In the order of linux/perf_event.h.
    func append(to record: RecordBytes) -> RecordBytes {
        var record = record
        if has(1) { record = record.u32(0xf01, .max) }
        if has(2) { record = record.u64(0xf02) }
        if has(6) { record = record.u64(0xf06) }
        if has(9) { record = record.u64(0xf09) }
        if has(7) { record = record.u32(0xf07, 0) }
        if has(16) { record = record.u64(0xf16) }
        return record
    }

    func isDecoded(_ identity: SampleIdentity) -> Bool {
        identity.fields == sampleType
            && identity.pid == (has(1) ? 0xf01 : 0) && identity.tid == (has(1) ? -1 : 0)
            && identity.time == (has(2) ? 0xf02 : 0) && identity.id == (has(6) ? 0xf06 : 0)
            && identity.streamID == (has(9) ? 0xf09 : 0) && identity.cpu == (has(7) ? 0xf07 : 0)
            && identity.identifier == (has(16) ? 0xf16 : 0)
    }
}
