/// Waits that return nothing, counted where they can have been made by a clock only: one that follows a change among the
/// children (a SIGCHLD handler that looks at each of them, make before it starts the next) is answered by that change.
struct WaitPolling: Hashable {
    private(set) var count = 0
    /// `ProcessState.childChanges` of the parent at the last one.
    private var seenChanges: UInt64?

    mutating func returnedNothing(changes: UInt64) {
        if seenChanges == changes { count &+= 1 }
        seenChanges = changes
    }
}
