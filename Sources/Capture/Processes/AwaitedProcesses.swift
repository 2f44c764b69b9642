import CPerfEvent
import Glibc
import LinuxSystem
import PerfData

/// Waits for the last process of a lineage to end without being a parent of any. It watches one living process at a
/// time, by pidfd; when that has ended, the session's records show which others there are.
struct AwaitedProcesses: ~Copyable {
    enum State: Hashable {
        case watching
        /// Some have ended since the records were read, and may have left children.
        case changed
        case noneLeft
    }

    private var living: LivingProcesses
    private var watched: OwnedDescriptor?

    init(roots: some Sequence<Int32>) {
        living = LivingProcesses(roots: roots)
    }

    /// Reads the session's new records. Every record up to `time` must be in it.
    mutating func read(_ session: borrowing SessionWriter, upTo time: UInt64) {
        living.read(session, upTo: time)
    }

    /// Watches one living process as `.processExit`, in place of the one watched before.
    mutating func watchOne(_ wakeUps: borrowing WakeUps) throws(RecordingError) -> State {
        watched = nil
        var state = State.noneLeft
        for process in living.processes {
            let descriptor = OwnedDescriptor(cperf_pidfd_open(process))
            // A zombie has ended, even if nobody has reaped it yet.
            if descriptor.number >= 0, !Self.isReadable(descriptor.number) {
                try wakeUps.add(descriptor.number, as: .processExit)
                watched = consume descriptor
                return .watching
            }
            living.remove(process)
            state = .changed
        }
        return state
    }

    private static func isReadable(_ number: Int32) -> Bool {
        var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) > 0
    }
}
