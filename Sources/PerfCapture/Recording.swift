import Glibc
import PerfData

/// A recording under way: drains the rings until it ends, then completes the session.
struct Recording {
    let events: OpenEvents
    let metadata: SessionMetadata

    /// How it ended.
    struct End {
        var commandEnd: RecordingOutcome.CommandEnd?
        var reason = RecordingOutcome.EndReason.commandEnded
        var released: UInt64 = 0
        var ended: UInt64 = 0
        /// The session cannot be written any more; the workload runs on.
        var isCut = false
        var notes: [String] = []
    }

    func run(
        child: borrowing StoppedChild, signals: borrowing SignalDescriptor, session: inout SessionWriter
    ) throws(RecordingError) -> End {
        let wakeUps = try WakeUps()
        try wakeUps.add(signals.number, as: .signal)
        try wakeUps.add(child.execError.number, as: .execResult)
        try wakeUps.add(child.exit.number, as: .childExit)
        for ring in events.rings { try wakeUps.add(ring.descriptor, as: .ring) }

        var end = End()
        do throws(SessionWriteError) {
            try session.append(startingRecords(notes: &end.notes))
        } catch {
            throw .session(error)
        }
        try events.enable()
        end.released = Clock.monotonic
        try child.release()

        var signalsSeen = 0
        loop: while true {
            let sources = try wakeUps.wait()
            if !end.isCut { drain(into: &session, wakeUps: wakeUps, end: &end) }
            if sources.contains(.execResult) {
                let code = child.readExecError()
                guard code == 0 else { throw Self.execFailure(metadata.options.commandName, code: code) }
                wakeUps.remove(child.execError.number)
            }
            if sources.contains(.childExit) {
                end.commandEnd = child.reap()
                break
            }
            while let signal = signals.next() {
                signalsSeen += 1
                // The terminal sends these to the workload as well: what it makes of the first is its own affair.
                if signal == SIGINT || signal == SIGQUIT, signalsSeen == 1 { continue }
                end.reason = .interrupted(signal: signal)
                break loop
            }
        }
        end.ended = Clock.monotonic
        events.disable()
        if !end.isCut { drain(into: &session, wakeUps: wakeUps, end: &end) }
        return end
    }

    /// What was so before the first event: the child's name, and the kernel's text where its addresses can be sampled.
    private func startingRecords(notes: inout [String]) -> [UInt8] {
        let identifier = events.ids.first?.first ?? 0
        let records = SyntheticRecords(time: metadata.startMonotonic, identifier: identifier)
        var bytes: [UInt8] = []
        // perf report warns of a session without it, whether or not a kernel address was sampled.
        let maps = KernelMaps.read()
        if maps.isEmpty, metadata.plan.samplesKernelAddresses {
            notes.append("kernel frames have no names: kernel.kptr_restrict hides the addresses")
        }
        for map in maps {
            bytes += records.kernelMap(name: map.name, start: map.start, length: map.length, pageOffset: map.pageOffset)
        }
        let comm = (try? readFile("/proc/\(metadata.rootPID)/comm", limit: 64)) ?? Array("spawnscope".utf8)
        let name = String(decoding: comm.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        return bytes + records.comm(pid: metadata.rootPID, name: name)
    }

    /// Drains every ring, then says that a round is complete: so file order goes back by no more than a round.
    private func drain(into session: inout SessionWriter, wakeUps: borrowing WakeUps, end: inout End) {
        do throws(SessionWriteError) {
            var wrote = false
            for ring in events.rings where try ring.drain(into: &session) { wrote = true }
            if wrote { try session.append(SyntheticRecords.finishedRound) }
        } catch {
            events.disable()
            for ring in events.rings { wakeUps.remove(ring.descriptor) }
            end.isCut = true
            end.notes.append("recording stopped early, the session holds what came before: \(error)")
        }
    }

    private static func execFailure(_ name: String, code: Int32) -> RecordingError {
        guard code == ENOENT || code == ENOTDIR else { return .commandNotExecutable(name, code: code) }
        // The kernel says ENOENT for a script's interpreter and a program's dynamic linker as well.
        let exists = unsafe name.contains("/") && access(name, F_OK) == 0
        return exists ? .interpreterNotFound(name) : .commandNotFound(name)
    }
}
