internal import PerfRecords
internal import Session

/// What the model knows of one process.
///
///     created ──first run──▶ preparing ──first attempt──▶ searching ──executed──▶ executing ──returned──▶ running
///        │                       │                            │                                              │
///        └───────────────────────┴──────────── exit of the last thread ──────────────────────────────────────┘
///                                                     │
///                                                     ▼
///                                                   zombie ──reaped, or parent or session ended──▶ Spawn
///
/// A vfork has no case of its own: the kernel returns to its spawner late, and `Spawn.blockedCreating` counts that.
///
/// Further attempts of a process that has executed (an exec chain) are part of `run`, so its stage stays `running`. An
/// attempt belongs to a thread: another thread of the process may exec meanwhile.
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
        /// Its parent was sent SIGCHLD, so it does not ignore its children.
        var isTold = false
        /// Its tracer was sent SIGCHLD. Its parent is sent one after the tracer's wait, or ignores its children.
        var isTraced = false
    }

    var stage: Stage
    /// `nil` for a root, which is no spawn.
    var spawn: Spawn?
    var chain: AncestryTable.Node
    /// The real parent; 0 for a root, and once the parent has ended.
    var parent: Int32 = 0
    /// Living children and those that have not been reaped.
    var children: Set<Int32> = []
    /// How many times a child was created or ended.
    var childChanges: UInt64 = 0
    /// How many of these were ends, and how many children it has reaped.
    var childEnds: UInt64 = 0
    var childReaps: UInt64 = 0
    /// Its waits for any child that returned nothing since it last reaped one.
    var pollsForAny = WaitPolling()
    /// Its parent's waits for this child alone that returned nothing.
    var pollsForThis = WaitPolling()
    /// The name of the program of its first exec, also for roots.
    var program: String?
    /// The file whose code it has mapped since it began to execute another program.
    var mappedFile: String?
    /// The id of its control group when it was created, or when it executed last; also for roots.
    var group: UInt64?
    /// COMMAND's own process before its first exec; what it does until then is not counted.
    var isStarting = false
    /// The thread inside execve (0 for none) and when it entered. Others that are inside at the same time are in
    /// `alsoAttempting`.
    private var attempting: Int32 = 0
    private var attemptBegan: UInt64 = 0
    private var alsoAttempting: [Int32: UInt64] = [:]
    /// Living threads, counted where only FORK and EXIT records show when the process ends.
    var threadCount = 1
    var attempts = 0
    /// Some or all of its system calls are not seen.
    private(set) var hasUnseenCalls = false
    /// The recorder traced has stopped watching its attempts before its first exec.
    var missesAttempts = false
    /// It has an io_uring, and may wait for its children through it.
    var hasRing = false
    /// How many times something happened to it whose system call was not seen.
    private var signs: UInt8 = 0
    /// A call that may have been to create a process failed, and its entry was not seen.
    private var hasDeniedCreations = false
    /// It was created with a new pid namespace; when it ends, it reaps everything that is left in there.
    var isFirstOfNamespace = false
    /// It was still a zombie when its parent ended: nothing had reaped it.
    var isKnownLeft = false
    /// How many SIGCHLDs for children were sent in it since its end was requested, and when the last was.
    private var inheritorsTold = 0
    private var lastInheritorTold: UInt64 = 0
    /// The kernel created it for its own use, and executes a program in it without a system call.
    var isKernels = false
    /// The return of its exec has not been seen yet.
    var awaitsExecReturn = false
    /// A thread of it asked to exit, whether or not that decides the exit code.
    private(set) var hasAskedToExit = false
    /// The size of the strings of the program that it is about to execute.
    var imageSizes: ProgramOutput.ImageSizes?
    /// How often events had been lost when it was created. If more were lost since, an attempt may be among them.
    var lossesAtCreation: UInt64 = 0
    /// The pid by which its parent knows it, if that is another.
    var pidInParent: Int32?
    private(set) var exitCode: Int32?
    private var isGroupExiting = false
    private var deadlySignal: Int32?
    /// The last signal that reached it and may have ended it, and the sender.
    private var received: (signal: Int32, sender: SignalSender)?

    /// It executes a program in this control group.
    mutating func enter(_ group: UInt64) {
        self.group = group
        spawn?.group = group
    }

    mutating func noteChildEnd() {
        childChanges &+= 1
        childEnds &+= 1
    }

    /// Makes a spawn, or a root if `spawn` is `nil`.
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

    /// `created` → `preparing`: the child returned from the creating call.
    mutating func run(at time: UInt64) {
        guard stage == .created else { return }
        stage = .preparing
        spawn?.borders.firstRun = time
    }

    /// → `searching`. Returns whether `thread` was already inside an attempt: its return was lost, so it failed.
    mutating func beginAttempt(_ thread: Int32, at time: UInt64, losses: UInt64) -> Bool {
        attempts &+= 1
        if stage == .created || stage == .preparing {
            // It is known to be the first only if nothing can have been lost since the creation.
            if losses == lossesAtCreation { spawn?.borders.firstAttempt = time }
            stage = .searching
        }
        if attempting == thread || attempting == 0 {
            defer { (attempting, attemptBegan) = (thread, time) }
            return attempting == thread ? thread != 0 : alsoAttempting.removeValue(forKey: thread) != nil
        }
        return alsoAttempting.updateValue(time, forKey: thread) != nil
    }

    /// Notes something whose system call was not seen. Returns true when, with `least` such signs, its calls first
    /// count as unseen.
    mutating func addSign(_ least: UInt8) -> Bool {
        guard !hasUnseenCalls, !isKernels else { return false }
        signs += 1
        hasUnseenCalls = signs >= least
        return hasUnseenCalls
    }

    /// Why some or all of its waits for children are not seen; `nil` if all are.
    var unseenWaits: UnseenCalls? { hasUnseenCalls ? .compat32 : hasRing ? .ring : nil }

    /// It runs its parent's code, whose calls are not seen.
    mutating func inheritUnseenCalls() { hasUnseenCalls = true }

    /// Returns true the first time, unless its calls are known to be unseen anyway.
    mutating func noteDeniedCreation() -> Bool {
        defer { hasDeniedCreations = true }
        return !hasDeniedCreations && !hasUnseenCalls
    }

    /// Counts a SIGCHLD that was sent in this process. If threads end at the same time, one of them may hand on the
    /// children before the exit of the last is recorded.
    /// `tellsExits`: the session shows when an end is requested; else SIGCHLDs just before it belong to it.
    mutating func noteInheritor(at time: UInt64, tellsExits: Bool) {
        guard hasReasonToEnd || !tellsExits else { return }
        if !hasReasonToEnd, time > lastInheritorTold &+ Self.longestEnd { inheritorsTold = 0 }
        inheritorsTold += 1
        lastInheritorTold = time
    }

    /// How many SIGCHLDs for the children that it leaves were sent before its end was recorded.
    func inheritorsTold(at end: UInt64, tellsExits: Bool) -> Int {
        tellsExits || end <= lastInheritorTold &+ Self.longestEnd ? inheritorsTold : 0
    }

    /// Nanoseconds between the ends of a process's threads that end at the same time.
    private static let longestEnd: UInt64 = 10_000_000

    /// Whether an exit call or a deadly signal was seen that can have ended it.
    var hasReasonToEnd: Bool { hasAskedToExit || deadlySignal != nil }

    /// Counts a failed attempt whose entry was not seen.
    mutating func addDeniedAttempt() {
        attempts &+= 1
        if stage == .created || stage == .preparing { stage = .searching }
    }

    /// Takes back an attempt that the kernel restarts, or that was interrupted without effect.
    mutating func takeBackAttempt() { if attempts > 0 { attempts &-= 1 } }

    /// Ends the attempt that `thread` is inside. Returns when it began; `nil` if there was none.
    mutating func endAttempt(_ thread: Int32) -> UInt64? {
        guard attempting == thread, thread != 0 else { return alsoAttempting.removeValue(forKey: thread) }
        attempting = 0
        return attemptBegan
    }

    /// Ends an attempt of an unknown thread. Returns when it began; `nil` unless it was the only one.
    mutating func endOnlyAttempt() -> UInt64? {
        if attempting != 0 {
            attempting = 0
            return alsoAttempting.isEmpty ? attemptBegan : nil
        }
        guard let other = alsoAttempting.first else { return nil }
        alsoAttempting[other.key] = nil
        return alsoAttempting.isEmpty ? other.value : nil
    }

    /// `searching` → `executing`: the first successful attempt, which began at `began` if that is known.
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

    /// → `zombie`. `tellsSignals`: the session records the signals that reach a process.
    mutating func end(at time: UInt64, tellsSignals: Bool) {
        if spawn?.outcome == .forked, attempts > 0 { spawn?.outcome = .failed }
        spawn?.borders.ended = time
        let signal = endingSignal(tellsSignals: tellsSignals)
        spawn?.signal = signal
        if let received, received.signal == signal { spawn?.signalSender = received.sender }
        spawn?.status = deadlySignal == nil ? exitCode : nil
        stage = .zombie(Zombie())
    }

    /// The first exit_group or deadly signal decides the exit code. Without one it is the code of the last thread to
    /// exit, or of the leader in older kernels (kernel/exit.c). `decides`: this is that thread, as far as is known.
    mutating func requestExit(_ code: Int32, isGroup: Bool, decides: Bool) {
        hasAskedToExit = true
        guard !isGroupExiting, deadlySignal == nil, isGroup || decides else { return }
        exitCode = code
        isGroupExiting = isGroup
    }

    /// A deadly signal is delivered to a thread. After an exit_group it is just the SIGKILL for the other threads.
    mutating func deliver(_ signal: Int32) {
        guard !isGroupExiting, deadlySignal == nil else { return }
        deadlySignal = signal
    }

    /// A signal has reached the process. Whether it is deadly shows only when one is delivered.
    mutating func receive(_ signal: Int32, from sender: SignalSender) {
        if deadlySignal == nil { received = (signal, sender) }
    }

    /// The signal that ended it. When the kernel ends a process without a core dump, SIGKILL is delivered to each
    /// thread, in place of the last signal that had reached the process (complete_signal in kernel/signal.c). `nil`
    /// also if signals are recorded but none was seen: a timer that expires on an idle CPU leaves no event.
    private func endingSignal(tellsSignals: Bool) -> Int32? {
        guard deadlySignal == Self.kill else { return deadlySignal }
        return received?.signal ?? (tellsSignals ? nil : Self.kill)
    }

    /// SIGKILL.
    private static let kill: Int32 = 9

    /// Resets what an exec ends: it may have killed other threads by SIGKILL, but the process goes on. A signal that
    /// had reached it may still be pending.
    mutating func goOnAfterExec() {
        threadCount = 1
        (deadlySignal, exitCode, isGroupExiting, hasAskedToExit) = (nil, nil, false, false)
        // A ring's descriptor is close-on-exec (io_uring_install_fd in io_uring/io_uring.c).
        hasRing = false
    }

    /// Removes and returns the children, which an ended process no longer has.
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
