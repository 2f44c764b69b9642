/// Assigns each process a track of a trace: its pid, plus a number for each later process of the same pid, which would
/// otherwise share the track.
struct TraceTracks {
    private struct Latest {
        /// The number of earlier spawns of this pid.
        var number: UInt64
        var start: UInt64
        /// `nil` if it did not end.
        var end: UInt64?
    }

    private var latest: [Int32: Latest] = [:]

    /// The limit of pids (linux/threads.h, PID_MAX_LIMIT).
    private static let pidLimit: UInt64 = 1 << 22

    /// Adds a spawn after its end, and returns its track.
    mutating func add(_ pid: Int32, from start: UInt64, to end: UInt64?) -> UInt64 {
        let number = latest[pid].map { $0.number &+ 1 } ?? 0
        latest[pid] = Latest(number: number, start: start, end: end)
        return Self.track(pid, number)
    }

    /// The track of a process alive at a time: that of the latest spawn added if it lived then, otherwise the one that
    /// the next spawn of this pid gets.
    func track(of pid: Int32, at time: UInt64) -> UInt64 {
        guard let known = latest[pid] else { return Self.track(pid, 0) }
        let isKnown = known.start <= time && (known.end.map { time <= $0 } ?? true)
        return Self.track(pid, isKnown ? known.number : known.number &+ 1)
    }

    /// Whether a spawn on this track was added.
    func isTold(_ track: UInt64) -> Bool {
        let pid = Int32(truncatingIfNeeded: track % Self.pidLimit)
        guard let known = latest[pid] else { return false }
        return track / Self.pidLimit <= known.number
    }

    private static func track(_ pid: Int32, _ number: UInt64) -> UInt64 {
        UInt64(UInt32(bitPattern: pid)) &+ number &* pidLimit
    }
}
