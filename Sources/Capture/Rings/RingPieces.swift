/// The unread bytes of a ring. Positions only grow; the ring wraps every `size` bytes.
struct RingPieces: Hashable {
    /// From the tail on.
    var first: Range<Int>
    /// From the ring's start, where the bytes wrap.
    var second: Range<Int>

    /// `nil` if head, tail and size are inconsistent. `size` is a power of two.
    init?(tail: UInt64, head: UInt64, size: Int) {
        let count = head &- tail
        guard size > 0, size & (size - 1) == 0, count <= UInt64(size) else { return nil }
        let start = Int(tail & UInt64(size - 1))
        let firstCount = min(Int(count), size - start)
        first = start..<start + firstCount
        second = 0..<Int(count) - firstCount
    }

    var count: Int { first.count + second.count }
}
