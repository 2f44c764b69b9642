/// What only system calls tell. Those of the 32-bit interface fire no tracepoint, whoever makes them.
public enum CallFact: String, CaseIterable, Hashable, Sendable {
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
public enum UnseenCalls: String, CaseIterable, Hashable, Sendable {
    /// It makes calls of the 32-bit interface.
    case compat32
    /// It can wait for its children by io_uring, which is no system call of its own.
    case ring = "io_uring"
}

/// The facts of one spawn that are not known, since calls of its own or its parent's were not seen.
public struct UnknownFacts: Hashable, Sendable {
    private var bits: UInt8 = 0
    /// That its parent may have waited by io_uring is all that makes it unknown who waited.
    fileprivate private(set) var isUnreapedOfRing = false

    public init() {}

    public var isEmpty: Bool { bits == 0 }
    public func contains(_ fact: CallFact) -> Bool { bits & fact.bit != 0 }

    mutating func insert(_ fact: CallFact, _ reason: UnseenCalls = .compat32) {
        if fact == .unreaped { isUnreapedOfRing = reason == .ring && (!contains(.unreaped) || isUnreapedOfRing) }
        bits |= fact.bit
    }

    mutating func remove(_ fact: CallFact) {
        bits &= ~fact.bit
        if fact == .unreaped { isUnreapedOfRing = false }
    }
}

/// Of how many processes, or spawns, each fact is not known.
public struct UnknownTally: Hashable, Sendable {
    private var counts = InlineArray<7, Int>(repeating: 0)
    /// Of those whose reaping is not known.
    private var ofRings = 0

    public init() {}

    public subscript(fact: CallFact) -> Int {
        get { counts[Self.place(fact)] }
        set { counts[Self.place(fact)] = newValue }
    }

    public var isEmpty: Bool { CallFact.allCases.allSatisfy { self[$0] == 0 } }

    public mutating func add(_ facts: UnknownFacts) {
        guard !facts.isEmpty else { return }
        for fact in CallFact.allCases where facts.contains(fact) { self[fact] += 1 }
        if facts.isUnreapedOfRing { ofRings += 1 }
    }

    /// Of how many a fact is not known for this reason.
    public func count(_ fact: CallFact, _ reason: UnseenCalls) -> Int {
        let ofRings = fact == .unreaped ? ofRings : 0
        return reason == .ring ? ofRings : self[fact] - ofRings
    }

    private static func place(_ fact: CallFact) -> Int { fact.bit.trailingZeroBitCount }

    public static func == (left: Self, right: Self) -> Bool {
        left.ofRings == right.ofRings && CallFact.allCases.allSatisfy { left[$0] == right[$0] }
    }

    public func hash(into hasher: inout Hasher) { for fact in CallFact.allCases { hasher.combine(self[fact]) } }
}
