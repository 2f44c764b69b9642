/// A stopped thread's stack, from its stack pointer on. Of one that is too long both ends: a frame may be larger than the
/// limit, and its caller's words are above it.
struct TraceeStack {
    private(set) var bytes: [UInt8] = []
    /// Bytes that are left out before the `outer` outermost ones.
    private(set) var skipped = 0
    private(set) var outer = 0

    init() {}

    /// `end`: `nil` if it is not known; `limit`: of bytes, a multiple of eight.
    init(of thread: Int32, from pointer: UInt64, to end: UInt64?, limit: Int) {
        let size = end.map { Int(clamping: $0 &- pointer) } ?? limit
        let outer = limit / 2 & ~7
        guard let end, size > limit, outer > 0 else {
            bytes = Tracee.memory(of: thread, at: pointer, size: min(size, limit))
            return
        }
        bytes = Tracee.memory(of: thread, at: pointer, size: limit - outer)
        let last = Tracee.memory(of: thread, at: end - UInt64(outer), size: outer)
        guard bytes.count == limit - outer, last.count == outer else { return }
        bytes += last
        (skipped, self.outer) = (size - limit, outer)
    }
}
