import CPerfEvent
import Glibc
import LinuxSystem
import PerfData

/// A timer that becomes readable once; changes of the wall clock do not affect it.
struct Timer: ~Copyable {
    private let descriptor: OwnedDescriptor
    var number: Int32 { descriptor.number }

    /// Starts at once. With 0 nanoseconds it would never expire.
    init(nanoseconds: UInt64) throws(RecordingError) {
        let number = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC))
        guard number >= 0 else { throw .system(operation: "create a timer", code: errno) }
        let descriptor = OwnedDescriptor(number)
        var time = itimerspec()
        time.it_value.tv_sec = Int(clamping: nanoseconds / 1_000_000_000)
        time.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
        guard unsafe timerfd_settime(number, 0, &time, nil) == 0 else {
            throw .system(operation: "set a timer", code: errno)
        }
        self.descriptor = descriptor
    }
}

extension Timer? {
    var number: Int32? {
        switch self {
        case .some(let timer): timer.number
        case .none: nil
        }
    }
}
