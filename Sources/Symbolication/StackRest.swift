internal import ByteAccess
internal import Unwinding

/// The rest of a stack that is too long for one sample, in pieces that precede the sample: same thread, same time.
struct StackRest {
    private var thread: Int32 = 0
    private var time: UInt64 = 0
    private var bytes: [UInt8] = []
    private var start: UInt64 = 0
    /// Between two pieces.
    private var gap: StackGap?

    /// More than the recorder takes of any stack.
    private static let most = 2 << 20

    mutating func append(
        of thread: Int32, at time: UInt64, address: UInt64, _ piece: Range<Int>, in record: borrowing RawSpan
    ) {
        if (thread, time) != (self.thread, self.time) {
            (self.thread, self.time) = (thread, time)
            (start, gap) = (address, nil)
            bytes.removeAll(keepingCapacity: true)
        }
        guard bytes.count + piece.count <= Self.most else { return }
        let next = start &+ UInt64(bytes.count) &+ (gap?.size ?? 0)
        if address != next {
            guard gap == nil, let found = StackGap(offset: bytes.count, size: address &- next) else { return }
            gap = found
        }
        bytes.append(record, in: piece)
    }

    /// What lies above the `count` bytes from `pointer` on, and where of all that bytes are missing; `nil` if the sample
    /// has all of its stack.
    func bytes(of thread: Int32, at time: UInt64, above count: Int, from pointer: UInt64) -> (
        bytes: [UInt8], gap: StackGap?
    )? {
        guard !bytes.isEmpty, (thread, time) == (self.thread, self.time) else { return nil }
        let end = pointer &+ UInt64(count)
        if start == end { return (bytes, gap.flatMap { StackGap(offset: $0.offset + count, size: $0.size) }) }
        guard gap == nil, let gap = StackGap(offset: count, size: start &- end) else { return nil }
        return (bytes, gap)
    }
}
