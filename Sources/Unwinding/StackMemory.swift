internal import ByteAccess

/// The range of a stack dump in a record, and the address of its first byte. The record is passed to each read, since a
/// span cannot be stored.
struct StackMemory {
    /// The stack pointer, at which the dump begins.
    let base: UInt64
    let bytes: Range<Int>
    private let gap: StackGap?
    /// Words that begin at offsets below this one come before the gap.
    private let unbroken: UInt64
    /// The dump's and the gap's.
    private let size: UInt64
    /// A frame beyond the dump within this many bytes counts as on the same stack: the dump was too small.
    static let largestStack: UInt64 = 1 << 30

    init(base: UInt64, bytes: Range<Int>, gap: StackGap? = nil) {
        self.base = base
        self.bytes = bytes
        let gap = gap.flatMap { $0.offset < bytes.count ? $0 : nil }
        self.gap = gap
        unbroken = gap.map { UInt64(max(0, $0.offset &- 7)) } ?? .max
        size = UInt64(bytes.count) &+ (gap?.size ?? 0)
    }

    /// The word at an address; `nil` outside the dump.
    @inline(__always)
    func word(at address: UInt64, in record: borrowing RawSpan) -> UInt64? {
        load(UInt64.self, at: address, in: record)
    }

    @inline(__always)
    func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type, at address: UInt64, in record: borrowing RawSpan
    ) -> Value? {
        let distance = address &- base
        let place = distance < unbroken ? distance : brokenOffset(distance, size: MemoryLayout<Value>.size)
        guard let offset = Int(exactly: place), offset <= bytes.count &- MemoryLayout<Value>.size else {
            return nil
        }
        return record.load(type, at: bytes.lowerBound &+ offset)
    }

    /// Where a value near the gap or behind it is in the dump; none of the dump's offsets if part of it is missing.
    @inline(never)
    private func brokenOffset(_ distance: UInt64, size: Int) -> UInt64 {
        guard let gap else { return distance }
        let start = UInt64(gap.offset)
        if distance < start { return distance &+ UInt64(size) <= start ? distance : .max }
        return distance &- start >= gap.size ? distance &- gap.size : .max
    }

    func isLastWord(_ address: UInt64) -> Bool { address &- base == (size >= 8 ? size &- 8 : 0) }

    func contains(_ address: UInt64) -> Bool { address &- base < size }

    /// Why there is nothing to read at an address.
    func reason(at address: UInt64) -> TruncationReason {
        let distance = address &- base
        if let gap, distance &+ 7 >= UInt64(gap.offset), distance < UInt64(gap.offset) &+ gap.size {
            return .dumpTooSmall
        }
        return distance >= (size >= 7 ? size &- 7 : 0) && distance < Self.largestStack ? .dumpTooSmall : .badMemory
    }
}
