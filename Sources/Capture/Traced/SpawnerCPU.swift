import CPerfEvent
import LinuxSystem

/// Keeps the tracer on the CPU of a process that does little else than to create others: at each stop one of the two waits for the
/// other, and to wake a thread on another CPU takes longer. Where processes are created now and then, or by several, the tracer
/// runs wherever there is room.
struct SpawnerCPU {
    private var spawner: Int32 = 0
    private var creations = 0
    private var since: UInt64 = 0
    private var isFollowing = false

    /// Creations by one process after another before it is followed, and between two looks at where it is.
    private static let several = 8
    /// Nanoseconds: they come within this time.
    private static let longest: UInt64 = 80_000_000

    /// A process creates another. `cpu`: where it runs.
    mutating func note(_ process: Int32, at time: UInt64, _ cpu: Int32?) {
        guard process == spawner else {
            (spawner, creations, since) = (process, 0, time)
            return
        }
        creations += 1
        guard creations >= Self.several else { return }
        let isBusy = time &- since < Self.longest
        (creations, since) = (0, time)
        if isBusy, let cpu {
            isFollowing = cperf_run_on(cpu) >= 0
        } else {
            leave()
        }
    }

    private mutating func leave() {
        guard isFollowing else { return }
        isFollowing = false
        _ = cperf_run_on(-1)
    }
}
