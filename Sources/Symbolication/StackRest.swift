internal import ByteAccess

/// The rest of a stack that is too long for one sample, in pieces that precede the sample: same thread, same time.
struct StackRest {
    private var thread: Int32 = 0
    private var time: UInt64 = 0
    private var bytes: [UInt8] = []

    /// More than the recorder takes of any stack.
    private static let most = 1 << 20

    mutating func append(of thread: Int32, at time: UInt64, _ piece: Range<Int>, in record: borrowing RawSpan) {
        if (thread, time) != (self.thread, self.time) {
            (self.thread, self.time) = (thread, time)
            bytes.removeAll(keepingCapacity: true)
        }
        guard bytes.count + piece.count <= Self.most else { return }
        bytes.append(record, in: piece)
    }

    /// `nil` if the sample has all of its stack.
    func bytes(of thread: Int32, at time: UInt64) -> [UInt8]? {
        !bytes.isEmpty && (thread, time) == (self.thread, self.time) ? bytes : nil
    }
}
