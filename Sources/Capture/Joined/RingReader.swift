import CPerfEvent
import Glibc
import KernelPrograms
import LinuxSystem
import PerfData
import Synchronization

/// A thread that only empties the ring, into memory: while the recorder waits for a file system, nothing is lost until
/// that memory is full.
final class RingReader: Sendable {
    /// What has been read and not yet been taken. The ring has one reader at a time: the thread, or who stops it.
    private struct State: ~Copyable {
        var ring: BPFRing
        var records: JoinedRecords

        mutating func read() { ring.drain { records.add($0) } }
    }

    private let state: Mutex<State>
    private let ring: Int32
    /// Becomes readable when there is something to take.
    let ready: OwnedDescriptor
    /// Becomes readable when the thread is to end.
    private let stop: OwnedDescriptor
    private let thread = Mutex<SystemThread?>(nil)

    /// The most bytes that wait to be written; then the ring fills up, and losses are counted.
    static let mostWaiting = 64 << 20
    /// Milliseconds after which the thread looks at the ring, though little may be in it.
    private static let longestWait: Int32 = 200

    init(_ ring: sending BPFRing, _ records: sending JoinedRecords) throws(BPFProgramError) {
        self.ring = ring.descriptor
        ready = try Self.eventDescriptor()
        stop = try Self.eventDescriptor()
        state = Mutex(State(ring: ring, records: records))
    }

    private static func eventDescriptor() throws(BPFProgramError) -> OwnedDescriptor {
        let number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard number >= 0 else { throw .system(code: errno) }
        return OwnedDescriptor(number)
    }

    /// Starts the thread. Without one, `take` empties the ring.
    func start() {
        thread.withLock { $0 = SystemThread { self.run() } }
    }

    /// Ends the thread: the process has one less, and may fork.
    func end() {
        Self.signal(stop)
        thread.withLock { held in
            if let running = held.take() { running.join() }
        }
    }

    private func run() {
        var waiting = [
            pollfd(fd: ring, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stop.number, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            _ = unsafe poll(&waiting, 2, Self.longestWait)
            if waiting[1].revents != 0 { return }
            let hasRecords = state.withLock { state in
                let waiting = state.records.bytes.count
                guard waiting < Self.mostWaiting else { return true }
                // Spawns without their stacks are better than none.
                state.records.keepsStacks = waiting < Self.mostWaiting / 2
                state.read()
                return !state.records.bytes.isEmpty
            }
            if hasRecords { Self.signal(ready) }
        }
    }

    private static func signal(_ descriptor: borrowing OwnedDescriptor) {
        var one: UInt64 = 1
        _ = unsafe write(descriptor.number, &one, 8)
    }

    /// Empties the ring and returns all records that were not taken before. `lost`: since then, `nil` if nothing was;
    /// `firstRun`: with the last records, when a living
    /// process first ran, which it may not have told.
    func take(lost: UInt64?, at time: UInt64, firstRun: ((_ process: Int32) -> UInt64?)? = nil) -> [UInt8] {
        var count: UInt64 = 0
        _ = unsafe read(ready.number, &count, 8)
        return state.withLock { state in
            if let lost { state.records.addLost(lost, at: time) }
            state.read()
            if let firstRun {
                for process in state.records.waiting.sorted() {
                    guard let ran = firstRun(process) else { continue }
                    state.records.addFirstRun(of: process, ran, at: time)
                }
            }
            return state.records.take()
        }
    }

    /// The control groups that were met since the last call, and whether there were more than are told.
    func takeGroups() -> (new: [MetGroups.New], isFull: Bool) {
        state.withLock { ($0.records.groups.takeNew(), $0.records.groups.isFull) }
    }

    /// By kind of record.
    var seen: [UInt64] { state.withLock { $0.records.seen } }
}
