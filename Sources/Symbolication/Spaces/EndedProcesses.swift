/// The order in which processes exited, as far back as their maps are kept.
struct EndedProcesses {
    private var ring: [(process: Int32, number: UInt64)] = []
    private var oldest = 0
    private var count: UInt64 = 0
    private let limit: Int

    init(limit: Int) { self.limit = max(limit, 1) }

    /// Adds a process; if there are more than the limit, returns the oldest one, which is to be forgotten.
    mutating func add(_ process: Int32) -> (number: UInt64, forgotten: (process: Int32, number: UInt64)?) {
        count += 1
        guard ring.count == limit else {
            ring.append((process, count))
            return (count, nil)
        }
        let forgotten = ring[oldest]
        ring[oldest] = (process, count)
        oldest = (oldest + 1) % limit
        return (count, forgotten)
    }
}
