/// A fact that only system calls show. Those of the 32-bit interface fire no tracepoint, whichever program makes them;
/// nor does the entry of a call that a filter denies.
package enum CallFact: String, CaseIterable, Hashable, Sendable {
    case failedAttempts = "failed_attempts"
    /// For a process without an exec: whether it attempted one.
    case forked, failed
    case failedCreations = "failed_creations"
    case unreaped
    case blocked = "blocked_ns"
    case status
    /// What a process did, started and became after an exec.
    case afterExec = "after_exec"

    fileprivate var bit: UInt8 {
        switch self {
        case .failedAttempts: 1
        case .forked: 2
        case .failed: 4
        case .failedCreations: 8
        case .unreaped: 16
        case .blocked: 32
        case .status: 64
        case .afterExec: 128
        }
    }
}

/// Why a process's calls are not seen, or not all of them.
package enum UnseenCalls: String, CaseIterable, Hashable, Sendable {
    /// It makes calls of the 32-bit interface.
    case compat32
    /// It can wait for its children through io_uring, without a wait call.
    case ring = "io_uring"
    /// A call that may have been a process creation failed without an entry: denied by a filter, or for a thread.
    case filter = "seccomp"
    /// Something other than a wait that was seen reaped its child.
    case reaping = "unseen_wait"
    /// The recorder sees no system calls at all.
    case tracing = "traced"
    /// The session has no event that could show the fact of any process.
    case recording = "not_recorded"
    /// It executed a program with other rights than its user's, or one that its user may not read: the kernel takes
    /// inherited events from it.
    case rights = "changed_rights"
}

/// The facts that are unknown for one spawn, because some of its calls or its parent's were not seen.
package struct UnknownFacts: Hashable, Sendable {
    private var bits: UInt8 = 0
    /// Why the reaping is unknown; `nil` if 32-bit calls are a reason.
    fileprivate private(set) var unseenWait: UnseenCalls?
    fileprivate private(set) var isOfTracing = false
    /// The facts that have `.recording` as the reason.
    fileprivate private(set) var unrecorded: UInt8 = 0

    package init() {}

    package var isEmpty: Bool { bits == 0 }
    package func contains(_ fact: CallFact) -> Bool { bits & fact.bit != 0 }

    mutating func insert(_ fact: CallFact, _ reason: UnseenCalls = .compat32) {
        if reason == .tracing { isOfTracing = true }
        if reason == .recording { unrecorded |= fact.bit }
        if fact == .unreaped {
            unseenWait = reason == .compat32 ? nil : contains(.unreaped) ? unseenWait : reason
        }
        bits |= fact.bit
    }

    mutating func remove(_ fact: CallFact) {
        bits &= ~fact.bit
        if fact == .unreaped { unseenWait = nil }
    }
}

/// For each fact, how many processes or spawns leave it unknown.
package struct UnknownTally: Hashable, Sendable {
    private var counts = InlineArray<8, Int>(repeating: 0)
    /// How many of those with an unknown reaping have `.ring`, and how many `.reaping`, as the reason.
    private var ofRings = 0
    private var ofReaping = 0
    /// How many of those with unknown failed creations have `.filter` as the reason.
    private var ofFilters = 0
    /// All of them have `.tracing` as the reason.
    private(set) var isOfTracing = false
    /// The facts of which all have `.recording` as the reason.
    private var unrecorded: UInt8 = 0

    package init() {}

    package subscript(fact: CallFact) -> Int {
        get { counts[Self.place(fact)] }
        set { counts[Self.place(fact)] = newValue }
    }

    package var isEmpty: Bool { CallFact.allCases.allSatisfy { self[$0] == 0 } }

    package mutating func add(_ facts: UnknownFacts) {
        guard !facts.isEmpty else { return }
        for fact in CallFact.allCases where facts.contains(fact) { self[fact] += 1 }
        isOfTracing = isOfTracing || facts.isOfTracing
        unrecorded |= facts.unrecorded
        if facts.unseenWait == .ring { ofRings += 1 }
        if facts.unseenWait == .reaping { ofReaping += 1 }
    }

    /// Adds a process with a denied creating call.
    mutating func addDenied() {
        self[.failedCreations] += 1
        ofFilters += 1
    }

    /// How many leave a fact unknown for this reason.
    package func count(_ fact: CallFact, _ reason: UnseenCalls) -> Int {
        if unrecorded & fact.bit != 0 { return reason == .recording ? self[fact] : 0 }
        if isOfTracing { return reason == .tracing ? self[fact] : 0 }
        return switch (fact, reason) {
        case (.afterExec, _): reason == .rights ? self[fact] : 0
        case (.unreaped, .ring): ofRings
        case (.unreaped, .reaping): ofReaping
        case (.failedCreations, .filter): ofFilters
        case (.unreaped, .compat32): self[fact] - ofRings - ofReaping
        case (.failedCreations, .compat32): self[fact] - ofFilters
        case (_, .compat32): self[fact]
        default: 0
        }
    }

    private static func place(_ fact: CallFact) -> Int { fact.bit.trailingZeroBitCount }

    package static func == (left: Self, right: Self) -> Bool {
        (left.ofRings, left.ofReaping, left.ofFilters) == (right.ofRings, right.ofReaping, right.ofFilters)
            && left.isOfTracing == right.isOfTracing && left.unrecorded == right.unrecorded
            && CallFact.allCases.allSatisfy { left[$0] == right[$0] }
    }

    package func hash(into hasher: inout Hasher) { for fact in CallFact.allCases { hasher.combine(self[fact]) } }
}
