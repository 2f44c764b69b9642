import PerfData
import PerfRecords
import Session

/// What a recorder must give. All recorders write the same session with the same facts; what one cannot tell is absent
/// there, and `notes` say so.
///
/// - **What starts.** A recorder is made before anything of the workload runs: everything that can fail fails then. From
///   `enable` on it tells what happens to the processes that it follows and to all that these create; `follow` names the
///   first, which exists and waits.
/// - **What is told.** Whole perf.data records in rounds: within a round in any order, from round to round no older than
///   the round before the last (PERF_RECORD_FINISHED_ROUND). They say of each process of the workload: its creation, with
///   its creator's registers and stack; its first run; each exec attempt, with path and errno where it failed; the id of the
///   control group in which it executes; its end, with code, signal and sender; each wait of its parent's, with the time
///   blocked in it; the names of threads, files and control groups that these need. What a stranger does is told only as far as it concerns the workload.
/// - **What ends.** After `disable` nothing more happens; one more round has what was told before. `counts` then says how
///   much of each event there was and how much was lost.
protocol RecordSource: AnyObject {
    var kind: SessionMetadata.RecorderKind { get }
    /// The session's events, the first of which the records of names, mappings and tasks belong to.
    var plan: EventPlan { get }
    /// The identifiers of each event's records.
    var ids: [[UInt64]] { get }
    /// The CPUs on which events were opened; `nil` if CPUs may come and go.
    var openCPUs: [Int32]? { get }
    /// Bytes of each ring between the kernel and the recorder.
    var ringSize: Int { get }
    /// Descriptors that become readable when there is enough to be worth a round.
    var wakeUps: [Int32] { get }

    /// What the recording lacks because this machine does not allow it, one line each.
    var notes: [String] { get }

    /// Follows a thread of a process that waits to be released, or runs, and all that it creates from now on. Of *traced*,
    /// called before rights are dropped.
    func follow(thread: Int32) throws(RecordingError)
    func enable() throws(RecordingError)
    /// Called once, when the process has dropped what rights it needed to start: threads may be started from now on, and
    /// must have ended when `disable` returns.
    func begin()
    func disable()
    /// Takes what there is for the next round, and returns its bytes.
    func takeRound() -> UInt64
    /// Writes the round that was taken.
    /// - Returns: whether there was anything.
    func writeRound(to session: inout SessionWriter) throws(SessionWriteError) -> Bool
    /// By event of the plan.
    func counts() -> [SourceCount]
    /// The command's status as waitpid(2) tells it, if this recorder's own wait took it.
    var commandStatus: Int32? { get }
}

extension RecordSource {
    var commandStatus: Int32? { nil }
}

/// What a recorder counted of one event, on all CPUs.
struct SourceCount: Hashable {
    /// `nil` for what is not counted one by one.
    var occurrences: UInt64?
    /// `nil` if losses are not counted by event.
    var lost: UInt64?
    /// Calls by any process for which the kernel skipped a BPF program; `nil` if there were none.
    var missed: UInt64?
}
