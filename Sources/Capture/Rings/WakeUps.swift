import CPerfEvent
import Glibc
import LinuxSystem
import PerfData

/// epoll(7) over the rings, the signals, the timer and the processes: the recorder sleeps until one of them has something.
struct WakeUps: ~Copyable {
    enum Source: UInt64 {
        case ring, signal, execResult, childExit, processExit, timer, cpuChange, rootChange
    }

    private let descriptor: OwnedDescriptor

    init() throws(RecordingError) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw .system(operation: "create an epoll instance", code: errno) }
        descriptor = OwnedDescriptor(number)
    }

    func add(_ number: Int32, as source: Source) throws(RecordingError) {
        var event = unsafe epoll_event()
        // Edge-triggered for rings: one whose CPU went offline is ready forever.
        let isRing = source == .ring || source == .rootChange
        unsafe event.events = isRing ? EPOLLIN.rawValue | EPOLLET.rawValue : EPOLLIN.rawValue
        unsafe event.data.u64 = source.rawValue
        guard unsafe epoll_ctl(descriptor.number, EPOLL_CTL_ADD, number, &event) == 0 else {
            throw .system(operation: "watch a descriptor", code: errno)
        }
    }

    func remove(_ number: Int32) {
        var event = unsafe epoll_event()
        _ = unsafe epoll_ctl(descriptor.number, EPOLL_CTL_DEL, number, &event)
    }

    /// Sleeps until a source is ready, and returns those that are, each once; none if the time is over.
    func wait(milliseconds: Int32) throws(RecordingError) -> Set<Source> {
        var events = unsafe [epoll_event](repeating: epoll_event(), count: 16)
        while true {
            let count = unsafe epoll_wait(descriptor.number, &events, Int32(events.count), milliseconds)
            if count >= 0 {
                return unsafe Set(events.prefix(Int(count)).compactMap { unsafe Source(rawValue: $0.data.u64) })
            }
            if errno != EINTR { throw .system(operation: "wait for events", code: errno) }
        }
    }
}
