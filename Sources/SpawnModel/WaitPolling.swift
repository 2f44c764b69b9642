/// Counts waits that return nothing and have no cause but a timer: each change among the children accounts for one
/// wait. A SIGCHLD handler looks at every child once per signal, and make looks before it starts the next one; libuv,
/// if several signals have come, looks that many times in a row.
struct WaitPolling: Hashable {
    private(set) var count = 0
    /// `ProcessState.childChanges` of the parent at the last such wait.
    private var seenChanges: UInt64?
    /// Changes that have not accounted for a wait yet.
    private var left: UInt64 = 0
    /// `ProcessState.childReaps` of the parent when there was first something to wait for.
    private let firstReaps: UInt64

    init(reaps: UInt64 = 0) { firstReaps = reaps }

    /// Signals that can have come before one of them is handled; changes long before do not account for waits now.
    private static let mostLeft: UInt64 = 64

    mutating func returnedNothing(changes: UInt64, ends: UInt64) {
        defer { seenChanges = changes }
        guard let seenChanges else {
            // Children may have ended before this first look. It accounts for one of their signals; looks for the
            // others will follow.
            left = min(Self.mostLeft, ends &- min(ends, firstReaps))
            return
        }
        left = min(Self.mostLeft, left &+ (changes &- seenChanges))
        if left > 0 { left &-= 1 } else { count &+= 1 }
    }
}
