import CPerfEvent
import Glibc
import LinuxSystem
import PerfData
import Synchronization

/// Where the tracer puts records, and the recorder takes them from.
final class TracedOutput: Sendable {
    private struct State: ~Copyable {
        var records: JoinedRecords
        var rootStatus: Int32?
        var withoutRights = WithoutRights()
    }

    /// Programs that ask for their owner's rights.
    struct WithoutRights {
        var count = 0
        var first: [UInt8] = []
    }

    private let state: Mutex<State>
    /// Becomes readable when there is something to take.
    let ready: OwnedDescriptor
    private let wakeAt: Int
    private let isAwaiting = Atomic<Bool>(false)

    /// From this many waiting bytes on, stacks are left out: nothing is written while a disk stands still.
    private static let mostWaiting = 32 << 20

    init(_ records: sending JoinedRecords, wakeAt: Int) throws(RecordingError) {
        let number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard number >= 0 else { throw .system(operation: "make an eventfd", code: errno) }
        ready = OwnedDescriptor(number)
        state = Mutex(State(records: records, rootStatus: nil))
        self.wakeAt = wakeAt
    }

    func add(_ record: TracedRecord) {
        let isMuch = state.withLock { state in
            let before = state.records.bytes.count
            state.records.keepsStacks = before < Self.mostWaiting
            unsafe state.records.add(record.bytes.span.bytes)
            return before < wakeAt && state.records.bytes.count >= wakeAt
        }
        guard isMuch else { return }
        var one: UInt64 = 1
        _ = unsafe write(ready.number, &one, 8)
    }

    /// Adds records that are complete, such as those of mappings.
    func add(complete bytes: [UInt8]) { state.withLock { $0.records.bytes += bytes } }

    /// Tells what a file is called, for the records that have its number.
    func name(file: UInt64, _ path: [UInt8]) {
        state.withLock { state in
            if state.records.files.count >= JoinedRecords.mostFiles { state.records.files.removeAll() }
            state.records.files[file] = path
        }
    }

    func take() -> [UInt8] {
        var count: UInt64 = 0
        _ = unsafe read(ready.number, &count, 8)
        return state.withLock { $0.records.take() }
    }

    /// By kind of record.
    var seen: [UInt64] { state.withLock { $0.records.seen } }

    /// The status of the command, if the tracer's wait took it.
    var rootStatus: Int32? {
        get { state.withLock { $0.rootStatus } }
        set { state.withLock { $0.rootStatus = newValue } }
    }

    /// The tracer holds threads that wait for a stop of another's, and is to look whether that will come.
    var awaitsTracer: Bool {
        get { isAwaiting.load(ordering: .relaxed) }
        set { isAwaiting.store(newValue, ordering: .relaxed) }
    }

    /// A program was executed that asks for its owner's rights.
    func noteRightsAsked(_ file: [UInt8]) {
        state.withLock { state in
            if state.withoutRights.count == 0 { state.withoutRights.first = file }
            state.withoutRights.count += 1
        }
    }

    var withoutRights: WithoutRights { state.withLock { $0.withoutRights } }
}
