import Glibc
import KernelPrograms
import LinuxSystem
import PerfData
import Session

/// A recording under way: drains the rings until it ends, then completes the session.
struct Recording: ~Copyable {
    let source: any RecordSource
    var started: StartedSession
    let child: StoppedChild?
    let cpuChanges = CPUChanges()
    private let rootWatch: RootWatch?
    let images: ImageReader
    let foreignRoots = ForeignRoots()
    var namespaceChanges = NamespaceChanges()
    private var timer: Timer?
    var end = End()

    /// How the recording ended, as far as it has.
    struct End {
        var commandEnd: RecordingOutcome.CommandEnd?
        var reason = RecordingOutcome.EndReason.commandEnded
        var released: UInt64 = 0
        /// When recording ended, by CLOCK_MONOTONIC; 0 while it goes on.
        var ended: UInt64 = 0
        /// Whether writing the session has failed; the workload runs on.
        var isCut = false
        var notes: [String] = []
        /// Known once recording has ended.
        var files: FileBuildIDs?

        var isRecording: Bool { ended == 0 }
    }

    init(
        source: any RecordSource, rootWatch: RootWatch?, started: StartedSession, child: StoppedChild?,
        images: ImageReader
    ) {
        self.source = source
        self.images = images
        self.rootWatch = rootWatch
        self.started = started
        self.child = child
    }

    mutating func run(
        _ workload: borrowing Workload, signals: borrowing SignalDescriptor, session: inout SessionWriter
    ) throws(RecordingError) {
        let wakeUps = try WakeUps()
        try wakeUps.add(signals.number, as: .signal)
        if let child {
            try wakeUps.add(child.execError.number, as: .execResult)
            try wakeUps.add(child.exit.number, as: .childExit)
        }
        for number in source.wakeUps { try wakeUps.add(number, as: .ring) }
        if let cpuChanges { try wakeUps.add(cpuChanges.number, as: .cpuChange) }
        try rootWatch?.enable(wakeUps)
        try start(workload, session: &session)
        // A tracer needs the capabilities that the command's process still has.
        if let child, source.kind == .traced { try source.follow(thread: child.pid) }
        // Everything is open. From here on, paths are read that the command chooses.
        do throws(PrivilegesError) {
            try Privileges.drop()
        } catch {
            throw .usage("\(error)")
        }
        source.begin()
        if let duration = started.options.duration {
            let timer = try Timer(nanoseconds: duration)
            try wakeUps.add(timer.number, as: .timer)
            self.timer = consume timer
        }
        if let child, source.kind != .traced { try source.follow(thread: child.pid) }
        end.released = Clock.monotonic
        try child?.release()
        try wait(wakeUps, signals, &session)
        stop(&session, wakeUps)
        identifyFiles(session)
    }

    /// Milliseconds after which what the rings hold is written, though little it may be: a recorder that is killed leaves
    /// what ended before.
    private static let longestUnwritten: Int32 = 250

    private mutating func wait(
        _ wakeUps: borrowing WakeUps, _ signals: borrowing SignalDescriptor, _ session: inout SessionWriter
    ) throws(RecordingError) {
        var remaining = AwaitedProcesses(roots: started.roots ?? child.map { [$0.pid] } ?? [])
        if started.roots != nil, try !someoneLives(&remaining, wakeUps, &session) { return }
        var signalsSeen = 0
        while true {
            let happened = try wakeUps.wait(milliseconds: end.isRecording ? Self.longestUnwritten : -1)
            if happened.contains(.cpuChange) { cpuChanges?.read() }
            if happened.contains(.rootChange) { holdRoots() }
            if end.isRecording { drain(into: &session, wakeUps) }
            if happened.contains(.execResult) { try readExecResult(wakeUps) }
            if happened.contains(.timer), end.isRecording, let number = timer.number {
                wakeUps.remove(number)
                end.reason = .durationOver
                stop(&session, wakeUps)
            }
            if happened.contains(.childExit), let child {
                end.commandEnd =
                    source.commandStatus.map(RecordingOutcome.CommandEnd.init(status:)) ?? child.reap()
                wakeUps.remove(child.exit.number)
                guard started.options.waitsForAll, end.isRecording else { return }
                end.reason = .lastEnded
                if try !someoneLives(&remaining, wakeUps, &session) { return }
            }
            if happened.contains(.processExit), try !someoneLives(&remaining, wakeUps, &session) { return }
            identifyFiles(session)
            // After recording has ended, only the command's end remains to wait for.
            if !end.isRecording, child == nil || end.commandEnd != nil { return }
            while let signal = signals.next() {
                signalsSeen += 1
                // The terminal sends these to the workload as well, which may handle the first as it likes.
                if child != nil, signal == SIGINT || signal == SIGQUIT, signalsSeen == 1 { continue }
                end.reason = .interrupted(signal: signal)
                return
            }
        }
    }

    /// Holds the roots of processes that changed them, at once: a process may not live for long.
    private mutating func holdRoots() {
        for (process, time) in rootWatch?.read() ?? [:]
        where LivingWorkload.isPart(process, of: started.rootProcesses) {
            namespaceChanges.note(process, at: time, root: foreignRoots.hold(process))
        }
    }

    private func readExecResult(_ wakeUps: borrowing WakeUps) throws(RecordingError) {
        guard let child else { return }
        switch child.readFailure() {
        case nil: break
        case .exec(let code): throw .execFailure(started.options.commandName, code: code)
        case .user(let step, let code):
            throw .cannotBecomeUser(started.options.user?.name ?? "", step: step, code: code)
        }
        wakeUps.remove(child.execError.number)
    }

    /// Whether a process of the lineage still lives, one of which is then watched.
    private mutating func someoneLives(
        _ remaining: inout AwaitedProcesses, _ wakeUps: borrowing WakeUps, _ session: inout SessionWriter
    ) throws(RecordingError) -> Bool {
        while end.isRecording {
            // What happened before now is in the rings, so it is in the session when they are drained.
            let time = Clock.monotonic
            drain(into: &session, wakeUps)
            remaining.read(session, upTo: time)
            switch try remaining.watchOne(wakeUps) {
            case .watching: return true
            case .changed: continue
            case .noneLeft:
                end.reason = .lastEnded
                return false
            }
        }
        return false
    }
}

extension RecordingError {
    fileprivate static func execFailure(_ name: String, code: Int32) -> RecordingError {
        guard code == ENOENT || code == ENOTDIR else { return .commandNotExecutable(name, code: code) }
        // The kernel also returns ENOENT for a missing script interpreter or dynamic linker.
        let exists = unsafe name.contains("/") && access(name, F_OK) == 0
        return exists ? .interpreterNotFound(name) : .commandNotFound(name)
    }
}
