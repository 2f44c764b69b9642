import Glibc

/// Clocks in nanoseconds.
enum Clock {
    /// CLOCK_MONOTONIC, the events' clock.
    static var monotonic: UInt64 { read(CLOCK_MONOTONIC) }
    /// CLOCK_REALTIME, since 1970.
    static var wall: UInt64 { read(CLOCK_REALTIME) }

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
