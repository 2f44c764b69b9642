internal import PerfRecords
internal import Session

/// What the model knows of one process.
///
///     created ──first run──▶ preparing ──attempt──▶ attempting ◀──attempt── searching
///        │                       │                    │     └──failed────────▶ ┘
///        │                       │                    └─executed─▶ executing ──returned──▶ running
///        └───────────────────────┴───── exit of the last thread ─────────────────────────────┘
///                                                     │
///                                                     ▼
///                                                   zombie ──reaped, or parent or session ended──▶ Spawn
///
/// A process that executed goes on attempting and executing (an exec chain): its stage then stays `running`, since these are
/// part of `run`. An attempt belongs to a thread: another thread of the process may exec meanwhile.
struct ProcessState {
    enum Stage: Hashable {
        /// It exists and has not run.
        case created
        /// It runs the spawner's code.
        case preparing
        /// It is inside its first exec attempts, none of which has succeeded, or between two of them.
        case searching
        /// An attempt succeeded and has not returned.
        case executing
        /// It runs its own program, or never was a spawn.
        case running
        /// It ended and waits to be reaped.
        case zombie(Zombie)
    }

    /// What is known of an ended process that was not reaped yet.
    struct Zombie: Hashable {
        /// Its parent was sent SIGCHLD: it is not one that ignores its children.
        var isTold = false
        /// Its tracer was sent it, and its parent is told, or not, when that has waited for it.
        var isTraced = false
    }

    var stage: Stage
    /// `nil` for a root, which is no spawn.
    var spawn: Spawn?
    var chain: AncestryTable.Node
    /// The real parent at creation, 0 for a root's.
    var parent: Int32 = 0
    /// Living children and those that wait to be reaped.
    var children: Set<Int32> = []
    /// How often a child was made or ended.
    var childChanges: UInt64 = 0
    /// How many of these were ends, and how many children it has taken.
    var childEnds: UInt64 = 0
    var childReaps: UInt64 = 0
    /// Its waits for any child that returned nothing since one took a child.
    var pollsForAny = WaitPolling()
    /// Its parent's waits for it alone that returned nothing.
    var pollsForThis = WaitPolling()
    /// What its first exec made of it, roots included.
    var program: String?
    /// The file whose code it has mapped since it began to execute another program.
    var mappedFile: String?
    /// A COMMAND's own process before its first exec: what it does until then counts nowhere.
    var isStarting = false
    /// The thread inside execve, 0 for none, and when it entered; others that are inside at the same time stand in
    /// `alsoAttempting`.
    private var attempting: Int32 = 0
    private var attemptBegan: UInt64 = 0
    private var alsoAttempting: [Int32: UInt64] = [:]
    /// Living threads, where FORK and EXIT records have to tell when the process ends.
    var threadCount = 1
    var attempts = 0
    /// Its system calls, some or all, are not seen.
    private(set) var hasUnseenCalls = false
    /// It has an io_uring, and may wait for its children by that.
    var hasRing = false
    /// How often something happened to it for which a call is missing.
    private var signs: UInt8 = 0
    /// Calls of it that may have been to create processes failed unseen.
    private var hasDeniedCreations = false
    /// It was made with a pid namespace, and reaps all that is left in there when it ends.
    var isFirstOfNamespace = false
    /// It ended, and was still there when its parent ended: nothing has reaped it.
    var isKnownLeft = false
    /// How often somebody was told of a child's end by it, since it asked to exit.
    private(set) var inheritorsTold = 0
    /// The kernel made it for itself, and executes a program in it without a call.
    var isKernels = false
    /// Its exec has not returned.
    var awaitsExecReturn = false
    /// A thread of it asked to exit, whether that decides anything or not.
    private(set) var hasAskedToExit = false
    /// Of the program that it is about to become.
    var imageSizes: ProgramOutput.ImageSizes?
    /// How often events had been lost when it was created: an attempt since may be one of the lost.
    var lossesAtCreation: UInt64 = 0
    /// The pid that its parent knows it by, where that is another.
    var pidInParent: Int32?
    private(set) var exitCode: Int32?
    private var isGroupExiting = false
    private var deadlySignal: Int32?
    /// The last signal that reached it and may have ended it, and who sent it.
    private var received: (signal: Int32, sender: SignalSender)?

    /// A spawn, or with `nil` a root.
    mutating func noteChildEnd() {
        childChanges &+= 1
        childEnds &+= 1
    }

    init(spawn: Spawn?, chain: AncestryTable.Node, isStarting: Bool = false) {
        self.spawn = spawn
        self.chain = chain
        self.isStarting = isStarting
        stage = spawn == nil ? .running : .created
    }

    /// The phase that an event of the process falls into.
    var phase: Phase {
        switch stage {
        case .created: .wake
        case .preparing: .prepare
        case .searching: .search
        case .executing: .exec
        case .running: .run
        case .zombie: .reap
        }
    }

    var isZombie: Bool {
        if case .zombie = stage { return true }
        return false
    }

    /// `created` → `preparing`: the child came back from the creating call.
    mutating func run(at time: UInt64) {
        guard stage == .created else { return }
        stage = .preparing
        spawn?.borders.firstRun = time
    }

    /// → `searching`. Returns whether `thread` was inside an attempt already: one whose return was lost, and which therefore
    /// failed.
    mutating func beginAttempt(_ thread: Int32, at time: UInt64, losses: UInt64) -> Bool {
        attempts &+= 1
        if stage == .created || stage == .preparing {
            // Whether it is the first is known where nothing can have been lost since the creation.
            if losses == lossesAtCreation { spawn?.borders.firstAttempt = time }
            stage = .searching
        }
        if attempting == thread || attempting == 0 {
            defer { (attempting, attemptBegan) = (thread, time) }
            return attempting == thread ? thread != 0 : alsoAttempting.removeValue(forKey: thread) != nil
        }
        return alsoAttempting.updateValue(time, forKey: thread) != nil
    }

    /// Something happened for which a call is missing, of which there ought to be `least`. True where that settles it.
    mutating func addSign(_ least: UInt8) -> Bool {
        guard !hasUnseenCalls, !isKernels else { return false }
        signs += 1
        hasUnseenCalls = signs >= least
        return hasUnseenCalls
    }

    /// Why its waits for its children are not seen, or not all.
    var unseenWaits: UnseenCalls? { hasUnseenCalls ? .compat32 : hasRing ? .ring : nil }

    /// It runs its parent's code, whose calls are not seen.
    mutating func inheritUnseenCalls() { hasUnseenCalls = true }

    /// True the first time.
    mutating func noteDeniedCreation() -> Bool {
        defer { hasDeniedCreations = true }
        return !hasDeniedCreations && !hasUnseenCalls
    }

    /// Threads that end at the same time leave their children before the last of them has ended.
    mutating func noteInheritor() { if hasReasonToEnd { inheritorsTold += 1 } }

    /// It ended by itself, or by a signal, as far as was seen.
    var hasReasonToEnd: Bool { hasAskedToExit || deadlySignal != nil }

    /// One whose entry nobody saw has failed.
    mutating func addDeniedAttempt() {
        attempts &+= 1
        if stage == .created || stage == .preparing { stage = .searching }
    }

    /// The kernel makes the call again, or it came to nothing: that was no attempt.
    mutating func takeBackAttempt() { if attempts > 0 { attempts &-= 1 } }

    /// When the attempt began that `thread` is no longer inside of; `nil` where it was in none.
    mutating func endAttempt(_ thread: Int32) -> UInt64? {
        guard attempting == thread, thread != 0 else { return alsoAttempting.removeValue(forKey: thread) }
        attempting = 0
        return attemptBegan
    }

    /// When the attempt began of a thread that is not known: one of those that are inside, and which one only if it is alone.
    mutating func endOnlyAttempt() -> UInt64? {
        if attempting != 0 {
            attempting = 0
            return alsoAttempting.isEmpty ? attemptBegan : nil
        }
        guard let other = alsoAttempting.first else { return nil }
        alsoAttempting[other.key] = nil
        return alsoAttempting.isEmpty ? other.value : nil
    }

    /// `searching` → `executing`: the attempt that began then, if that is known, succeeded, and is the first that did.
    mutating func execute(_ image: ProgramImage, began: UInt64?) {
        guard stage != .running, stage != .executing else { return }
        if stage != .searching { spawn?.borders.firstAttempt = nil }
        stage = .executing
        spawn?.outcome = .executed
        spawn?.path = image.path
        spawn?.file = image.file
        spawn?.borders.successfulAttempt = began
    }

    /// `executing` → `running`: the successful attempt returned to user mode.
    mutating func returnFromExec(at time: UInt64) {
        guard stage == .executing else { return }
        stage = .running
        spawn?.borders.execReturned = time
    }

    /// → `zombie`. `tellsSignals`: the session has the signals that reached a process.
    mutating func end(at time: UInt64, tellsSignals: Bool) {
        if spawn?.outcome == .forked, attempts > 0 { spawn?.outcome = .failed }
        spawn?.borders.ended = time
        let signal = endingSignal(tellsSignals: tellsSignals)
        spawn?.signal = signal
        if let received, received.signal == signal { spawn?.signalSender = received.sender }
        spawn?.status = deadlySignal == nil ? exitCode : nil
        stage = .zombie(Zombie())
    }

    /// The first exit_group or deadly signal decides; without one the code is that of the last thread to exit, in older kernels
    /// the leader's (kernel/exit.c). `decides`: this thread's is that one as far as is known.
    mutating func requestExit(_ code: Int32, isGroup: Bool, decides: Bool) {
        hasAskedToExit = true
        guard !isGroupExiting, deadlySignal == nil, isGroup || decides else { return }
        exitCode = code
        isGroupExiting = isGroup
    }

    /// A deadly signal is delivered to a thread. An exit_group before it has sent it to the others itself.
    mutating func deliver(_ signal: Int32) {
        guard !isGroupExiting, deadlySignal == nil else { return }
        deadlySignal = signal
    }

    /// One has reached the process; whether it is deadly shows when one is delivered.
    mutating func receive(_ signal: Int32, from sender: SignalSender) {
        if deadlySignal == nil { received = (signal, sender) }
    }

    /// What ended it: where the kernel ends a process without a core dump, each thread is delivered SIGKILL, and the signal that
    /// it stands for is the last that had reached the process (complete_signal in kernel/signal.c). `nil` also where signals are
    /// told and none was: of a timer that expires on an idle CPU the kernel tells nothing.
    private func endingSignal(tellsSignals: Bool) -> Int32? {
        guard deadlySignal == Self.kill else { return deadlySignal }
        return received?.signal ?? (tellsSignals ? nil : Self.kill)
    }

    /// SIGKILL.
    private static let kill: Int32 = 9

    /// An exec may have ended other threads by SIGKILL, and the process goes on; what it had received may still be pending.
    mutating func goOnAfterExec() {
        threadCount = 1
        (deadlySignal, exitCode, isGroupExiting, hasAskedToExit) = (nil, nil, false, false)
        // A ring's descriptor is always closed by an exec (io_uring_install_fd in io_uring/io_uring.c).
        hasRing = false
    }

    /// Children of an ended process are no longer its own.
    mutating func takeChildren() -> Set<Int32> {
        defer { children = [] }
        return children
    }

    /// Forgets every pending attempt; returns how many there were.
    mutating func dropPendingAttempts() -> Int {
        defer {
            attempting = 0
            alsoAttempting = [:]
        }
        return (attempting == 0 ? 0 : 1) + alsoAttempting.count
    }
}
