import ByteAccess
import PerfRecords

extension RecordScan {
    /// The sum of the LOST and LOST_SAMPLES records: `{ header; u64 id; u64 lost; … }` and `{ header; u64 lost; … }`.
    func lost() -> UInt64 {
        var lost: UInt64 = 0
        run { bytes, type, record in
            let field = record.lowerBound &+ (type == .lost ? 16 : 8)
            guard type == .lost || type == .lostSamples, field &+ 8 <= record.upperBound else { return }
            lost &+= bytes.load(UInt64.self, at: field) ?? 0
        }
        return lost
    }
}
