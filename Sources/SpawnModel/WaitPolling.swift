/// Waits that return nothing, counted where they can have been made by a clock only: a change among the children answers for one of them. A
/// SIGCHLD handler looks at each child once for each signal, and make before it starts the next; where several signals had come meanwhile,
/// libuv's looks as often, one right after the other.
struct WaitPolling: Hashable {
    private(set) var count = 0
    /// `ProcessState.childChanges` of the parent at the last one.
    private var seenChanges: UInt64?
    /// Changes that have answered for none yet.
    private var left: UInt64 = 0
    /// `ProcessState.childReaps` of the parent when there was first something to wait for.
    private let firstReaps: UInt64

    init(reaps: UInt64 = 0) { firstReaps = reaps }

    /// Signals that can have come before one of them is handled; what happened long before is no reason for what comes now.
    private static let mostLeft: UInt64 = 64

    mutating func returnedNothing(changes: UInt64, ends: UInt64) {
        defer { seenChanges = changes }
        guard let seenChanges else {
            // Children may have ended that nobody had looked at: the first look is for one of their signals, the others are still to come.
            left = min(Self.mostLeft, ends &- min(ends, firstReaps))
            return
        }
        left = min(Self.mostLeft, left &+ (changes &- seenChanges))
        if left > 0 { left &-= 1 } else { count &+= 1 }
    }
}
