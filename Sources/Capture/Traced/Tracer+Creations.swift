import CPerfEvent
import PerfData
import Session

extension Tracer {
    /// A thread has created another, or a process.
    mutating func create(_ child: Int32, by thread: Int32) {
        guard let process = threads[thread]?.process else { return }
        defer {
            resume(thread)
            catchUp(child)
        }
        guard child > 0 else { return }
        guard threads[child] == nil else {
            // It was found before this was told, and may have had its process stop at exits; its creator does not yet.
            processes[process]?.stopsAtExits = true
            _ = cperf_trace_exits(thread, 1)
            return
        }
        if processes[process]?.stopsAtExits == false {
            processes[process]?.stopsAtExits = true
            _ = cperf_trace_exits(thread, 1)
        }
        let registers = TraceeRegisters(of: thread)
        let flags = registers?.creationFlags(of: thread)
        // CLONE_THREAD
        let isThread = flags.map { $0 & 0x1_0000 != 0 } ?? (cperf_is_process(child) == 0)
        guard !isThread else {
            threads[child] = TracedThread(process: process)
            processes[process]?.threads += 1
            return
        }
        let time = Clock.monotonic
        let state = spawnerFile.state(of: process)
        spawnerCPU.note(process, at: time, state?.cpu)
        noteReaped(by: process, at: time)
        lookAtMappings(of: process, state, at: time)
        // CLONE_PARENT makes it a sibling.
        let isSibling = (flags ?? 0) & 0x8000 != 0
        let parent = isSibling ? processes[process]?.parent ?? 0 : process
        addProcess(child, parent: parent, creator: process, watch: watch(process, registers, flags))
        processes[child]?.sharesMemory = (flags ?? 0) & 0x100 != 0
        let name = state?.name ?? TraceeName()
        processes[process]?.name = name
        var record = record(
            .spawn, thread, of: process, at: time, name: thread == process ? name : TraceeName(of: thread))
        record.addCreation(
            of: child, flags: flags ?? 0, name: name, registers: registers?.words ?? [],
            stack: stack(registers, thread, process))
        output.add(record)
    }

    /// Tells a creation of which no more is known, by a process that was killed meanwhile.
    mutating func tellCreation(of child: Int32, by process: Int32, at time: UInt64) {
        addProcess(child, parent: 0, creator: process, watch: .calls(left: 0, entered: nil))
        var record = record(.spawn, process, of: process, at: time, name: TraceeName())
        record.addCreation(of: child, flags: 0, name: TraceeName(), registers: [], stack: TraceeStack())
        output.add(record)
    }

    private mutating func addProcess(_ child: Int32, parent: Int32, creator: Int32, watch: AttemptWatch) {
        threads[child] = TracedThread(process: child)
        var created = TracedProcess(parent: parent, name: processes[creator]?.name ?? TraceeName(), stopsAtExits: true)
        // A copy of the creator's memory, or the same.
        if let creator = processes[creator] {
            created.stackStart = creator.stackStart
            created.mappedBytes = creator.mappedBytes
            created.mappings = creator.mappings
            created.attempts = creator.attempts
        }
        created.watch = watch
        processes[child] = created
    }

    /// The first stop of a new thread, or the end of a stop by a signal.
    mutating func begin(_ thread: Int32) {
        guard let process = threads[thread]?.process else { return }
        guard process == thread else {
            // A thread that was made before its process stopped at exits.
            _ = cperf_trace_exits(thread, 1)
            return
        }
        guard thread != root, processes[process]?.hasRun == false else { return }
        processes[process]?.hasRun = true
        processes[process]?.stopsAtExits = false
        _ = cperf_trace_exits(thread, 0)
        watchAttempts(of: process)
        processes[process]?.ran = Clock.monotonic
    }

    /// The live part of the stack.
    private func stack(_ registers: TraceeRegisters?, _ thread: Int32, _ process: Int32) -> TraceeStack {
        guard let registers, !registers.is32Bit, stackLimit > 0 else { return TraceeStack() }
        let pointer = registers.stack
        let start = processes[process]?.stackStart ?? 0
        let end: UInt64? =
            pointer < start && start - pointer < 8 << 20
            ? start + 8 : Tracee.stackEnd(of: thread, pointer: pointer, threadBase: registers.threadBase)
        return TraceeStack(of: thread, from: pointer, to: end, limit: stackLimit)
    }

    /// Tells what a process has mapped if that has changed, and finds its libc there.
    private mutating func lookAtMappings(of process: Int32, _ state: SpawnerFile.State?, at time: UInt64) {
        guard let state, state.mappedBytes != processes[process]?.mappedBytes else { return }
        processes[process]?.mappedBytes = state.mappedBytes
        let maps = EarlierProcess.maps(of: process)
        let mappings = EarlierProcess.mappings(
            of: process, in: maps, SyntheticRecords(time: time, identifier: identifier))
        // The heap grows more often than code is mapped.
        guard mappings.identity != processes[process]?.mappings else { return }
        processes[process]?.mappings = mappings.identity
        output.add(complete: mappings.records)
        processes[process]?.attempts = AttemptPlaces(of: process, maps: maps)
    }
}
