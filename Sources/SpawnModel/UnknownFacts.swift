/// What only system calls tell. Those of the 32-bit interface fire no tracepoint, whoever makes them; nor does the entry of a call that a
/// filter denies.
package enum CallFact: String, CaseIterable, Hashable, Sendable {
    case failedAttempts = "failed_attempts"
    /// Without an exec: whether it attempted one.
    case forked, failed
    case failedCreations = "failed_creations"
    case unreaped
    case blocked = "blocked_ns"
    case status

    fileprivate var bit: UInt8 {
        switch self {
        case .failedAttempts: 1
        case .forked: 2
        case .failed: 4
        case .failedCreations: 8
        case .unreaped: 16
        case .blocked: 32
        case .status: 64
        }
    }
}

/// Why a process's calls are not seen, or not all of them.
package enum UnseenCalls: String, CaseIterable, Hashable, Sendable {
    /// It makes calls of the 32-bit interface.
    case compat32
    /// It can wait for its children by io_uring, which is no system call of its own.
    case ring = "io_uring"
    /// A call that may have been to create a process failed without an entry: a filter denied it, or it was a thread's.
    case filter = "seccomp"
    /// Something has reaped its child, and it was no wait that was seen.
    case reaping = "unseen_wait"
}

/// The facts of one spawn that are not known, since calls of its own or its parent's were not seen.
package struct UnknownFacts: Hashable, Sendable {
    private var bits: UInt8 = 0
    /// Why it is not known who waited, where another reason than 32-bit calls is all that there is.
    fileprivate private(set) var unseenWait: UnseenCalls?

    package init() {}

    package var isEmpty: Bool { bits == 0 }
    package func contains(_ fact: CallFact) -> Bool { bits & fact.bit != 0 }

    mutating func insert(_ fact: CallFact, _ reason: UnseenCalls = .compat32) {
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

/// Of how many processes, or spawns, each fact is not known.
package struct UnknownTally: Hashable, Sendable {
    private var counts = InlineArray<7, Int>(repeating: 0)
    /// Of those whose reaping is not known.
    private var ofRings = 0
    private var ofReaping = 0
    /// Of those whose failed creations are not known.
    private var ofFilters = 0

    package init() {}

    package subscript(fact: CallFact) -> Int {
        get { counts[Self.place(fact)] }
        set { counts[Self.place(fact)] = newValue }
    }

    package var isEmpty: Bool { CallFact.allCases.allSatisfy { self[$0] == 0 } }

    package mutating func add(_ facts: UnknownFacts) {
        guard !facts.isEmpty else { return }
        for fact in CallFact.allCases where facts.contains(fact) { self[fact] += 1 }
        if facts.unseenWait == .ring { ofRings += 1 }
        if facts.unseenWait == .reaping { ofReaping += 1 }
    }

    /// A process of which a creating call was denied.
    mutating func addDenied() {
        self[.failedCreations] += 1
        ofFilters += 1
    }

    /// Of how many a fact is not known for this reason.
    package func count(_ fact: CallFact, _ reason: UnseenCalls) -> Int {
        switch (fact, reason) {
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
            && CallFact.allCases.allSatisfy { left[$0] == right[$0] }
    }

    package func hash(into hasher: inout Hasher) { for fact in CallFact.allCases { hasher.combine(self[fact]) } }
}
