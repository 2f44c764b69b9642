package import PerfRecords
package import Unwinding

extension RecordMisc {
    /// How the unwinding of a user stack ended, in a SAMPLE of a packed session; 0 if the kernel walked the stack. The
    /// kernel leaves these bits zero.
    package var unwindEnd: UInt16 { rawValue >> 4 & 15 }
    package func with(unwindEnd code: UInt16) -> RecordMisc {
        RecordMisc(rawValue: rawValue & ~(15 << 4) | (code & 15) << 4)
    }
}

extension UnwindEnd {
    private static let reasons: [TruncationReason] = [
        .dumpTooSmall, .noUnwindInformation, .badUnwindInformation, .badMemory, .notACall, .unmapped, .tooDeep,
        .noRegisters,
    ]

    /// Its number in packed sessions, from 1 to 15.
    package var code: UInt16 {
        switch self {
        case .outermost: 1
        case .truncated(let reason): UInt16(2 + (Self.reasons.firstIndex(of: reason) ?? 0))
        }
    }

    /// `nil` for 0 and for a number without a meaning.
    package init?(code: UInt16) {
        if code == 1 {
            self = .outermost
        } else {
            let index = Int(code) - 2
            guard Self.reasons.indices.contains(index) else { return nil }
            self = .truncated(Self.reasons[index])
        }
    }
}
