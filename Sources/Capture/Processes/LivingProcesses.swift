import ByteAccess
import PerfData
import PerfRecords

/// The processes of a lineage that may still live, from the FORK, EXIT and COMM records of a session that is being
/// written.
///
/// A process whose leader has exited, but not its other threads, stays; so does one whose EXIT was lost. The caller
/// must confirm each with the kernel (pidfd_open(2)).
struct LivingProcesses {
    /// Each living process with the ids of its threads other than the leader.
    private var threads: [Int32: Set<Int32>] = [:]
    private var withoutLeader: Set<Int32> = []
    /// Processes that have ended according to the kernel, but whose last records may not have been read yet: their
    /// children still belong to the lineage.
    private var departed: Set<Int32> = []
    /// Changes that were read, but may still be preceded by one from a ring that is drained later.
    private var pending: [Change] = []
    private var newest: UInt64 = 0
    private var newestOfRoundBefore: UInt64 = 0
    private var bytesRead: UInt64 = 0

    init(roots: some Sequence<Int32>) {
        for root in roots { threads[root] = [] }
    }

    /// The processes that may still live, ascending.
    var processes: [Int32] { threads.keys.sorted() }

    /// Removes a process that has ended according to the kernel.
    mutating func remove(_ process: Int32) {
        forget(process)
        departed.insert(process)
    }

    private mutating func forget(_ process: Int32) {
        threads[process] = nil
        withoutLeader.remove(process)
    }

    /// Reads the records that the session got since the last call. Every record up to `time` must be in it.
    mutating func read(_ session: borrowing SessionWriter, upTo time: UInt64) {
        let distance = session.trailingTimeDistance
        session.scan(from: bytesRead).run { bytes, type, record in
            switch type {
            case .finishedRound:
                settle(upTo: newestOfRoundBefore)
                newestOfRoundBefore = newest
            case .fork, .exit, .comm:
                guard let change = Change(bytes, type, record, distance, order: pending.count) else { return }
                newest = max(newest, change.time)
                pending.append(change)
            default: break
            }
        }
        bytesRead = session.dataSize
        settle(upTo: time)
        // They ended before `time`, so everything that they did has been read now.
        departed.removeAll()
    }

    private mutating func settle(upTo time: UInt64) {
        guard !pending.isEmpty else { return }
        pending.sort { ($0.time, $0.order) < ($1.time, $1.order) }
        let count = pending.firstIndex { $0.time > time } ?? pending.count
        for change in pending[..<count] { apply(change) }
        pending.removeSubrange(..<count)
        for index in pending.indices { pending[index].order = index }
    }

    private mutating func apply(_ change: Change) {
        let process = change.process
        switch change.kind {
        case .created(let parent):
            forget(process)
            departed.remove(process)
            // A reused pid belongs to its latest creator.
            if threads[parent] != nil || departed.contains(parent) { threads[process] = [] }
        case .threadCreated: threads[process]?.insert(change.thread)
        case .executed:
            // An exec ends the other threads, and the calling thread gets the leader's id.
            guard threads[process] != nil else { return }
            threads[process] = []
            withoutLeader.remove(process)
        case .ended where change.thread == process:
            if threads[process]?.isEmpty == true { forget(process) } else { withoutLeader.insert(process) }
        case .ended:
            threads[process]?.remove(change.thread)
            if threads[process]?.isEmpty == true, withoutLeader.contains(process) { forget(process) }
        }
    }
}

extension LivingProcesses {
    /// A record that makes, changes or ends a task.
    private struct Change {
        enum Kind {
            case created(parent: Int32)
            case threadCreated
            case executed
            case ended
        }

        let kind: Kind
        let process: Int32
        let thread: Int32
        let time: UInt64
        /// The order among records of the same time.
        var order: Int

        /// FORK and EXIT: `{ header; u32 pid, ppid, tid, ptid; … }`, COMM: `{ header; u32 pid, tid; … }`. `nil` if the
        /// record changes nothing here, or is truncated.
        init?(
            _ bytes: borrowing RawSpan, _ type: RecordType, _ record: Range<Int>, _ timeDistance: Int, order: Int
        ) {
            let start = record.lowerBound
            guard timeDistance > 0, record.count >= 16 &+ timeDistance,
                let header = RecordHeader(decoding: bytes, at: start),
                let first = bytes.load(Int32.self, at: start &+ 8),
                let second = bytes.load(Int32.self, at: start &+ 12),
                let time = bytes.load(UInt64.self, at: record.upperBound &- timeDistance)
            else { return nil }
            process = first
            self.time = time
            self.order = order
            guard type != .comm else {
                guard header.misc.isCommExec else { return nil }
                thread = second
                kind = .executed
                return
            }
            guard record.count >= 24 &+ timeDistance, let third = bytes.load(Int32.self, at: start &+ 16) else {
                return nil
            }
            thread = third
            switch type {
            case .exit: kind = .ended
            // A FORK that the recorder wrote for a process that existed already.
            case .fork where first != second && header.misc.isForkOfExisting: return nil
            default: kind = first == second ? .threadCreated : .created(parent: second)
            }
        }
    }
}
