import CPerfEvent
import LinuxSystem
import PerfData
import Session

extension Tracer {
    /// A thread is about to end; its process's children and memory are still there.
    mutating func beginEnd(_ thread: Int32) {
        defer { resume(thread) }
        guard let process = threads[thread]?.process, threads[thread]?.isEnding == false else { return }
        threads[thread]?.isEnding = true
        processes[process]?.endingThreads += 1
        guard let ending = processes[process], ending.endingThreads >= ending.threads else { return }
        tellEndedChildren(of: process)
    }

    /// A thread has ended. A process's first thread is the last to be told of, with the status that its parent gets.
    mutating func end(_ thread: Int32, status: UInt32) {
        guard let process = threads[thread]?.process else { return }
        if threads[thread]?.isEnding == true { processes[process]?.endingThreads -= 1 }
        threads[thread] = nil
        processes[process]?.threads -= 1
        guard thread == process, let ended = processes[process] else { return }
        adoptChildren(of: process)
        // Killed before it could stop: children that its new parent has not reaped yet are still to be seen.
        if !ended.endedChildren.isEmpty { tellZombies(ended.endedChildren, of: process) }
        var record = record(.exit, thread, of: process, at: Clock.monotonic, name: ended.name)
        // SIGKILL comes without a stop.
        let received = ended.received.flatMap { UInt32(clamping: $0.number) == status & 0x7f ? $0 : nil }
        record.addEnd(
            status: status & 0xff7f, received: received,
            sender: received.flatMap { $0.sender > 0 ? $0.senderName : nil })
        output.add(record)
        processes[process] = nil
        if processes[ended.parent] != nil { processes[ended.parent]?.endedChildren.append(process) }
        if thread == root { output.rootStatus = Int32(bitPattern: status) }
    }

    // MARK: - Children that have ended

    /// How many of a process's children are looked at when it creates another: it has mostly reaped the last.
    private static var mostLookedAt: Int { 4 }

    /// Tells which of the children that ended last have been reaped since.
    mutating func noteReaped(by process: Int32, at time: UInt64) {
        guard let count = processes[process]?.endedChildren.count, count > 0 else { return }
        for index in (max(0, count - Self.mostLookedAt)..<count).reversed() {
            guard let child = processes[process]?.endedChildren[index], cperf_process_exists(child) == 0 else {
                continue
            }
            // In place: a process may have any number of children.
            processes[process]?.endedChildren.remove(at: index)
            tellReaped(child, by: process, at: time)
        }
    }

    /// Tells of each child that has ended whether it was reaped.
    mutating func tellEndedChildren(of process: Int32) {
        guard let ended = processes[process]?.endedChildren, !ended.isEmpty else { return }
        processes[process]?.endedChildren = []
        let time = Clock.monotonic
        for child in ended {
            if let status = ProcessStat(of: child), status.isZombie, status.parent == process {
                tellLeft(child, by: process, at: time)
            } else {
                tellReaped(child, by: process, at: time)
            }
        }
    }

    /// Tells which children of a process that has ended are zombies still. Of others it is not known who has reaped them.
    private mutating func tellZombies(_ children: [Int32], of process: Int32) {
        let time = Clock.monotonic
        for child in children where ProcessStat(of: child)?.isZombie == true { tellLeft(child, by: process, at: time) }
    }

    private mutating func tellReaped(_ child: Int32, by process: Int32, at time: UInt64) {
        var record = record(.wait, process, of: process, at: time, name: processes[process]?.name ?? TraceeName())
        record.addReaped(child)
        output.add(record)
    }

    private mutating func tellLeft(_ child: Int32, by process: Int32, at time: UInt64) {
        var record = TracedRecord(
            .parentTold, process: child, thread: child, time: time, name: TraceeName(), ran: 0)
        record.addTold(process)
        output.add(record)
    }
}
