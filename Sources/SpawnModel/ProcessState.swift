/// What the model knows of one living process.
///
///     created ──attemptBegan──▶ attempting ──attemptEnded(<0)──▶ created (failedAttempts + 1)
///        │                          └──────executed──────▶ running (path of the first exec is kept)
///        └───────────────────── exit ─────────────────────▶ Spawn
///
/// A pending attempt belongs to a thread: another thread of the process may exec meanwhile.
struct ProcessState {
    /// `nil` for a root, which is no spawn.
    var spawn: Spawn?
    var chain: AncestryTable.Node
    /// Of its first exec, roots included.
    var path: String?
    /// A COMMAND's own process before its first exec: what it does until then counts nowhere.
    var isStarting = false
    /// The thread inside execve, 0 for none; others that are inside at the same time stand in `alsoAttempting`.
    private var attempting: Int32 = 0
    private var alsoAttempting: Set<Int32> = []
    /// Living threads, where FORK and EXIT records have to tell when the process ends.
    var threadCount = 1
    var attempts = 0
    private(set) var exitCode: Int32?
    private var isGroupExiting = false
    var deadlySignal: Int32?

    init(spawn: Spawn?, chain: AncestryTable.Node, isStarting: Bool = false) {
        self.spawn = spawn
        self.chain = chain
        self.isStarting = isStarting
    }

    /// Returns whether `thread` was inside an attempt already: one whose return was lost, and which therefore failed.
    mutating func beginAttempt(_ thread: Int32) -> Bool {
        attempts &+= 1
        if attempting == thread { return thread != 0 }
        guard attempting != 0 else {
            attempting = thread
            return alsoAttempting.remove(thread) != nil
        }
        return !alsoAttempting.insert(thread).inserted
    }

    /// The first exit_group decides; without one the code is the leader's, whoever ends last (kernel/exit.c).
    mutating func requestExit(_ code: Int32, isGroup: Bool, isLeader: Bool) {
        guard !isGroupExiting, isGroup || isLeader else { return }
        exitCode = code
        isGroupExiting = isGroup
    }

    /// Whether `thread` was inside an attempt, which it is no longer.
    mutating func endAttempt(_ thread: Int32) -> Bool {
        if attempting == thread, thread != 0 {
            attempting = 0
            return true
        }
        return alsoAttempting.remove(thread) != nil
    }

    /// Forgets every pending attempt; returns how many there were.
    mutating func dropPendingAttempts() -> Int {
        defer {
            attempting = 0
            alsoAttempting = []
        }
        return (attempting == 0 ? 0 : 1) + alsoAttempting.count
    }
}
