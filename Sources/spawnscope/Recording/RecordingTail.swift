internal import ArgumentParser
internal import Budgets
internal import Capture
internal import Glibc
internal import LinuxSystem
internal import Packing
internal import PerfData
internal import Session
internal import Symbolication

/// What `record` does with the finished session: packing, the summary, the budget's verdict, the stream. All of this
/// reads data from the workload, and so runs in a worker.
struct RecordingTail {
    var output: SessionOutput
    let outcome: RecordingOutcome
    let packs: Bool
    let compresses: Bool
    let keepsAll: Bool
    let server: DebugServer?
    /// The bytes of the budget file.
    let budgetFile: [UInt8]?
    let budget: RecordBudget
    let keepsStacks: Bool

    /// Returns the exit status of `record` if the command succeeded.
    func run(fetch: DebugFileFetch? = nil) -> Int32 {
        let kept = output.descriptors + outcome.heldFiles.map(\.descriptor) + [outcome.file?.number].compactMap { $0 }
        // Checked here, since a worker has no access to these directories.
        let roots = outcome.heldRoots.map {
            FoundFiles.Root(path: $0.path, hasOwnTemporaries: $0.hasOwnTemporaries)
        }
        var policy = CommandWorker.policy(
            sessions: [], results: [output.path, budget.budgetOutput].compactMap { $0 })
        policy.roots = Set(roots.map(\.path))
        for isPacking in packs ? [true, false] : [false] {
            let result: Worker.Result
            do throws(SystemError) {
                result = try Worker.run(policy, keeping: kept, fetch: fetch) {
                    var tail = self
                    return tail.work(isPacking: isPacking, roots)
                }
            } catch {
                Terminal.say("not packed, and complete as it was recorded: no process to pack it in: \(error.message)")
                continue
            }
            switch result.end {
            case .exited(Worker.unconfined):
                Terminal.say("not packed, and complete as it was recorded: a process could not give up its rights here")
            case .exited(let status): return status
            case .killed(let signal) where CommandWorker.isOfUser(signal):
                // The user meant to end everything, and the session is complete.
                Glibc.exit(128 + signal)
            case .killed, .exceeded:
                let state = result.hasCommitted ? "packed" : "not packed, and complete as it was recorded"
                let what = isPacking ? "the process that packs" : "the process that counts"
                let reason = CommandWorker.reason(result.end)
                Terminal.say(
                    isPacking ? "\(state): \(what) \(reason)" : "\(what) \(reason): the spawns are not counted")
            }
        }
        // No worker could read the session.
        guard let budgetFile else { return 0 }
        _ = try? Worker.run(policy) { budget.tellUnreadable(budgetFile) }
        return ExitStatus.cannotTell.rawValue
    }

    private mutating func work(isPacking: Bool, _ roots: [FoundFiles.Root]) -> Int32 {
        let packing = isPacking ? packed(roots) : nil
        // The rest takes a moment, and its messages are wanted.
        Interruption.block()
        var outcome = outcome
        outcome.session = output.path
        let place = packing?.openPath ?? (output.isPackedStream ? output.path : outcome.file?.path ?? output.path)
        // Opened once, so that the budget is checked against the session that the summary counts.
        let session = Terminal.isQuiet && budgetFile == nil ? nil : Session(reading: output.path, opening: place)
        printSummary(outcome, packing, of: session)
        if let server { Terminal.note(server.line) }
        if !packs, keepsStacks {
            Terminal.note("it holds pieces of the programs' memory: pack it before it leaves this machine")
        }
        let verdict = budgetFile.map { budget.check($0, session, at: output.path, opening: place) } ?? 0
        output.finish()
        return verdict
    }

    private mutating func packed(_ roots: [FoundFiles.Root]) -> SessionPacking? {
        do throws(PackingError) {
            return try output.pack(outcome, roots, compresses: compresses, keepsAll: keepsAll, server)
        } catch {
            Terminal.say("not packed, and complete as it was recorded: \(SessionPacking.message(of: error))")
            return nil
        }
    }
}
