import PerfRecords
import Testing

/// The bytes of a record, written down field by field as linux/perf_event.h lists them. Independent of the library's own
/// encoder, so that a mistake has to be made twice to go unseen.
struct RecordBytes {
    private var written: [UInt8] = []

    init(type: UInt32, misc: UInt16 = 0) {
        self = u32(type).u16(misc).u16(0)
    }

    /// The whole record, its size filled in.
    var bytes: [UInt8] {
        var bytes = written
        bytes[6] = UInt8(truncatingIfNeeded: bytes.count)
        bytes[7] = UInt8(truncatingIfNeeded: bytes.count >> 8)
        return bytes
    }

    /// Bytes written so far: the offset of what comes next.
    var count: Int { written.count }

    func u8(_ values: UInt8...) -> Self { raw(values) }
    func u16(_ values: UInt16...) -> Self { integers(values) }
    func u32(_ values: UInt32...) -> Self { integers(values) }
    func u64(_ values: UInt64...) -> Self { integers(values) }
    func u64(_ values: [UInt64]) -> Self { integers(values) }

    func raw(_ bytes: [UInt8]) -> Self {
        var copy = self
        copy.written += bytes
        return copy
    }

    /// A text with its NUL, zeros up to a multiple of 8 as the kernel pads names.
    func text(_ text: String) -> Self {
        let bytes = Array(text.utf8) + [0]
        return raw(bytes + [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8))
    }

    private func integers<Value: FixedWidthInteger>(_ values: [Value]) -> Self {
        var copy = self
        for value in values {
            for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
                copy.written.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
            }
        }
        return copy
    }
}

extension [UInt8] {
    /// The little-endian words in `range`.
    func words(_ range: Range<Int>) -> [UInt64] {
        stride(from: range.lowerBound, to: range.upperBound - 7, by: 8).map { start in
            (0..<8).reduce(0) { $0 | UInt64(self[start + $1]) << UInt64(8 * $1) }
        }
    }

    /// The text in `range`, up to its NUL.
    func text(_ range: Range<Int>) -> String {
        String(decoding: self[range].prefix { $0 != 0 }, as: UTF8.self)
    }

    func decoded(_ layout: RecordLayout) throws(RecordError) -> Record.Decoded {
        try Record.decode(span.bytes, layout: layout)
    }
}

extension RecordLayout {
    static func of(
        _ sampleType: SampleType = [], read: ReadFormat = [], branch: BranchSampleType = [], userRegisters: UInt64 = 0,
        interruptRegisters: UInt64 = 0, sampleIDAll: Bool = false
    ) -> RecordLayout {
        var attributes = EventAttributes()
        attributes.sampleType = sampleType
        attributes.readFormat = read
        attributes.branchSampleType = branch
        attributes.sampleRegistersUser = userRegisters
        attributes.sampleRegistersInterrupt = interruptRegisters
        if sampleIDAll { attributes.flags = EventFlags(rawValue: 1 << 18) }
        return RecordLayout(attributes)
    }
}

/// Decodes a PERF_RECORD_SAMPLE, through the same door as every record.
func decodeSample(_ record: RecordBytes, _ layout: RecordLayout) throws -> Sample {
    guard case .sample(let sample) = try record.bytes.decoded(layout).record else {
        throw NotASample()
    }
    return sample
}

struct NotASample: Error {}
