import Glibc

/// Clocks in nanoseconds.
enum Clock {
    /// CLOCK_MONOTONIC, the events' clock.
    static var monotonic: UInt64 { read(CLOCK_MONOTONIC) }
    /// CLOCK_REALTIME, since 1970.
    static var wall: UInt64 { read(CLOCK_REALTIME) }

    /// Both clocks at the same moment, as nearly as possible: the fastest of up to 16 tries, since preemption between
    /// the two readings would shift every wall-clock time of the session.
    static func both() -> (monotonic: UInt64, wall: UInt64) {
        var best = (monotonic: UInt64(0), wall: UInt64(0), span: UInt64.max)
        for _ in 0..<16 {
            let before = monotonic
            let time = wall
            let span = monotonic &- before
            if span < best.span { best = (before &+ span / 2, time, span) }
            if span < 1000 { break }
        }
        return (best.monotonic, best.wall)
    }

    /// clock_getres(2) of CLOCK_MONOTONIC.
    static var resolution: UInt64 {
        var time = timespec()
        return unsafe clock_getres(CLOCK_MONOTONIC, &time) == 0 ? nanoseconds(time) : 1
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        return unsafe clock_gettime(clock, &time) == 0 ? nanoseconds(time) : 0
    }

    private static func nanoseconds(_ time: timespec) -> UInt64 {
        UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }
}
