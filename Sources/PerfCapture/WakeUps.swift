import CPerfEvent
import Glibc
import PerfData

/// epoll(7) over the rings, the signals, the timer and the processes: the recorder sleeps until one of them has something.
struct WakeUps: ~Copyable {
    enum Source: UInt64 {
        case ring, signal, execResult, childExit, processExit, timer
    }

    struct Happened {
        var sources: Set<Source> = []
        /// Indices of rings that will get no more, since their CPU went away.
        var ended: [Int] = []
    }

    private let descriptor: OwnedDescriptor

    init() throws(RecordingError) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw .system(operation: "create an epoll instance", code: errno) }
        descriptor = OwnedDescriptor(number)
    }

    /// `index`: which of several of one kind.
    func add(_ number: Int32, as source: Source, index: Int = 0) throws(RecordingError) {
        var event = unsafe epoll_event()
        // Edge-triggered for rings: one whose CPU went away is ready for ever.
        unsafe event.events = source == .ring ? EPOLLIN.rawValue | EPOLLET.rawValue : EPOLLIN.rawValue
        unsafe event.data.u64 = source.rawValue | UInt64(UInt32(clamping: index)) << 8
        guard unsafe epoll_ctl(descriptor.number, EPOLL_CTL_ADD, number, &event) == 0 else {
            throw .system(operation: "watch a descriptor", code: errno)
        }
    }

    func remove(_ number: Int32) {
        var event = unsafe epoll_event()
        _ = unsafe epoll_ctl(descriptor.number, EPOLL_CTL_DEL, number, &event)
    }

    /// Sleeps until something is there and says what, each source once.
    func wait() throws(RecordingError) -> Happened {
        var events = unsafe [epoll_event](repeating: epoll_event(), count: 16)
        while true {
            let count = unsafe epoll_wait(descriptor.number, &events, Int32(events.count), -1)
            if count >= 0 { return unsafe Self.happened(events.prefix(Int(count))) }
            if errno != EINTR { throw .system(operation: "wait for events", code: errno) }
        }
    }

    private static func happened(_ events: ArraySlice<epoll_event>) -> Happened {
        var happened = Happened()
        for unsafeevent in unsafe events {
            let data = unsafe event.data.u64
            guard let source = Source(rawValue: data & 0xff) else { continue }
            happened.sources.insert(source)
            if source == .ring, unsafe event.events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 {
                happened.ended.append(Int(data >> 8))
            }
        }
        return happened
    }
}
