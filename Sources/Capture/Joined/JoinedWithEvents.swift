import PerfData
import Session

/// The joined recorder with perf events beside it: what the user asked for with -e, --sample, --probe or --link, or nothing
/// where this kernel has no iterators for mappings.
///
/// Their samples need the names of threads and the mappings of every process, so the kernel's own side band is open, for
/// the whole machine, and `joined` leaves its own records of these out.
final class JoinedWithEvents: RecordSource {
    let kind = SessionMetadata.RecorderKind.joined
    let plan: EventPlan
    let ids: [[UInt64]]
    private let joined: JoinedSource
    private let events: OpenEvents

    /// `joined` must not write the side band.
    init(_ joined: JoinedSource, _ events: OpenEvents) {
        self.joined = joined
        self.events = events
        var plan = events.plan
        // The dummy is the first of both.
        plan.events += joined.plan.events.dropFirst()
        self.plan = plan
        ids = events.ids + joined.ids.dropFirst()
    }

    var openCPUs: [Int32]? { events.openCPUs }
    var ringSize: Int { events.ringSize }
    var wakeUps: [Int32] { events.wakeUps + joined.wakeUps }
    var notes: [String] { events.notes + joined.notes }

    func follow(thread: Int32) throws(RecordingError) { try joined.follow(thread: thread) }

    func enable() throws(RecordingError) {
        try events.enable()
        try joined.enable()
    }

    func begin() { joined.begin() }

    func disable() {
        joined.disable()
        events.disable()
    }

    func takeRound() -> UInt64 { events.takeRound() &+ joined.takeRound() }

    func writeRound(to session: inout SessionWriter) throws(SessionWriteError) -> Bool {
        let wrote = try events.writeRound(to: &session)
        return try joined.writeRound(to: &session) || wrote
    }

    func counts() -> [SourceCount] { events.counts() + joined.counts().dropFirst() }
}
