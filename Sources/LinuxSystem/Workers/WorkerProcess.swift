internal import CLinuxSystem
internal import Glibc

/// A worker as its parent sees it: a child process that gives up its rights before it parses untrusted files. The
/// parent opens the files that it requests.
final class WorkerProcess {
    private let pid: pid_t
    private let socket: OwnedDescriptor
    private let policy: FilePolicy
    private let fetch: DebugFileFetch?
    private var limits: WorkerLimits
    private let use: WorkerUse
    private var excess: Worker.Excess?
    private var isStopped = false
    private var stoppedFor: Int32 = 0
    private var staged: [UInt64: StagedFile] = [:]
    private var nextToken: UInt64 = 1
    private var end: Worker.End?
    private(set) var hasCommitted = false

    /// The most staged files at once, of which the user names one, and the most temporary files in all.
    private static let (mostStaged, mostTemporary) = (4, 16)
    private var temporaryFiles = 0

    /// Forks, so the process must have one thread. `body` runs in the child, and its result is the child's exit status.
    ///
    /// - Parameter keeping: the descriptors that the child keeps, beside the standard streams.
    init(
        _ policy: FilePolicy, keeping: [Int32], fetch: DebugFileFetch?, body: () -> Int32
    ) throws(SystemError) {
        let sockets = try SocketPair()
        let identity = WorkerIdentity.ofThisProcess
        // Computed before the fork: the child must not find these out again after giving up its rights.
        _ = (FileAccess.user, Invoker.current, FileAccess.creationMask)
        let pid = clinux_fork()
        guard pid >= 0 else { throw SystemError(-pid) }
        if pid == 0 { Self.run(sockets.childs.number, keeping, identity, body) }
        self.pid = pid
        socket = sockets.takeOwn()
        self.policy = policy
        self.fetch = fetch
        limits = WorkerLimits(process: pid, areTheKernels: identity == nil || WorkerLimits.mayRaiseOthers)
        use = WorkerUse(of: pid)
    }

    private static func run(
        _ socket: Int32, _ keeping: [Int32], _ identity: WorkerIdentity?, _ body: () -> Int32
    ) -> Never {
        let kept = (keeping + [socket]).sorted()
        unsafe clinux_close_all_but(kept, kept.count)
        // A crash must end the worker: the Swift runtime's handlers would start a program to print a backtrace.
        for number in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGQUIT] { signal(number, SIG_DFL) }
        if identity == nil || WorkerLimits.mayRaiseOthers { WorkerLimits.setFirst() }
        guard isConfined(as: identity) else { _exit(Worker.unconfined) }
        FileAccess.ask(WorkerConnection(socket: socket))
        exitOnThreadOfItsOwn(body)
    }

    /// Runs `body` in a new thread and exits with its result. Swift's locks cache the thread id, and the forking thread
    /// still has its parent's: with it, a lock that a second thread contends for would never be acquired, since the
    /// kernel knows the holder by another id.
    private static func exitOnThreadOfItsOwn(_ body: () -> Int32) -> Never {
        withoutActuallyEscaping(body) { body in
            struct Box: @unchecked Sendable { let body: () -> Int32 }
            let box = Box(body: body)
            SystemThread { _exit(box.body()) }?.join()
            // Without a second thread there is no contention.
            _exit(body())
        }
    }

    private static func isConfined(as identity: WorkerIdentity?) -> Bool {
        let gaveUp: Int32
        if let identity {
            var ids = clinux_identity(user: identity.user, group: identity.group)
            gaveUp = unsafe clinux_give_up_rights(&ids, 1)
        } else {
            gaveUp = clinux_give_up_rights(nil, 1)
        }
        guard gaveUp >= 0 else { return false }
        // An outer sandbox may forbid filters. A parent that is not root had no rights to lose in the first place.
        return clinux_confine() >= 0 || identity == nil
    }

    /// Answers requests until the worker has ended.
    func wait() -> Worker.End {
        while end == nil, serveOne() {}
        // One that exits has its status by now. One that lives on without its socket would be waited for forever.
        kill()
        return reap()
    }

    var requests: Int32 { socket.number }

    /// Milliseconds between two checks of the worker. If the kernel does not enforce the limits, a worker can exceed
    /// them by what it uses in that time.
    private static let (shortInterval, interval): (Int32, Int32) = (20, 200)
    /// How long a worker may be stopped, in milliseconds: any process of its user can stop it, and its parent would
    /// wait forever.
    private static let longestStop: Int32 = 2000

    /// Milliseconds to wait for a request before calling `watch`.
    var patience: Int32 { limits.areTheKernels ? Self.interval : Self.shortInterval }

    /// Kills the worker if it has used too much or was stopped for too long, and returns false then. To be called after
    /// waiting for `patience`.
    func watch() -> Bool {
        guard excess == nil else { return false }
        noteStop()
        // Checked even if the kernel enforces the limits: SIGXCPU may be blocked, and RLIMIT_DATA does not cover all
        // memory.
        excess = stoppedFor > Self.longestStop ? .stop : limits.excess(use)
        if excess != nil { kill() }
        return excess == nil
    }

    private func noteStop() {
        var status: Int32 = 0
        guard end == nil else { return }
        if unsafe waitpid(pid, &status, WNOHANG | WUNTRACED | WCONTINUED) == pid {
            // wait(2)'s status: 0x7f in the low byte of a stopped process, 0xffff for a continued one.
            isStopped = status & 0xff == 0x7f
            if !isStopped, status & 0xffff != 0xffff { take(status) }
        }
        // Counted by the parent's own waits, since Ctrl-Z stops the parent as well.
        stoppedFor = isStopped ? stoppedFor + patience : 0
    }

    /// Answers one request; false if there will be no more.
    func serveOne() -> Bool {
        var waiting = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
        while true {
            let count = unsafe poll(&waiting, 1, patience)
            if count > 0 { break }
            guard count == 0 || errno == EINTR, watch() else { return false }
        }
        var number: Int32 = -1
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: FileRequest.longest) { buffer, count in
            unsafe count = max(0, clinux_receive(socket.number, buffer.baseAddress, buffer.count, &number))
        }
        // Workers send no descriptors.
        if number >= 0 { close(number) }
        guard !bytes.isEmpty else { return false }
        do throws(FileError) {
            guard let request = FileRequest(decoding: bytes), policy.allows(request) else { throw .refused }
            return try answer(request)
        } catch {
            return send(FileAnswer(failure: error), -1)
        }
    }

    private func answer(_ request: FileRequest) throws(FileError) -> Bool {
        switch request {
        case .stage(let path, let purpose):
            guard staged.count < Self.mostStaged else { throw .refused }
            let file = try StagedFile.beginHere(path, purpose)
            defer { nextToken += 1 }
            staged[nextToken] = file
            return send(FileAnswer(token: nextToken), file.descriptor.number)
        case .commit(let token):
            guard let file = staged.removeValue(forKey: token) else { throw .refused }
            try file.commit()
            hasCommitted = true
            return send(FileAnswer(), -1)
        case .debugFile(let buildID, let isProgram):
            guard let fetch, let file = fetch.file(buildID, isProgram: isProgram) else { throw .system(ENOENT) }
            limits.add(file.number)
            return send(FileAnswer(), file.number)
        case .temporary:
            temporaryFiles += 1
            guard temporaryFiles <= Self.mostTemporary else { throw .refused }
            let file = try FileOpener.open(request)
            return send(FileAnswer(), file.number)
        case .image, .session, .sessionPart, .text, .jit:
            let file = try FileOpener.open(request)
            if request == .text(path: "/proc/kallsyms") { limits.addKernelSymbols() }
            limits.add(file.number)
            return send(FileAnswer(), file.number)
        }
    }

    private func send(_ answer: FileAnswer, _ descriptor: Int32) -> Bool {
        let bytes = answer.encoded()
        return unsafe clinux_send(socket.number, bytes, bytes.count, descriptor) == bytes.count
    }

    /// Waits until the worker has ended and returns how.
    func reap() -> Worker.End {
        if let end { return end }
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 {
            // Another wait reaped it, or SIGCHLD is ignored: all that is known is that it has ended.
            if errno != EINTR { return .exited(EX_SOFTWARE) }
        }
        return take(status)
    }

    @discardableResult
    private func take(_ status: Int32) -> Worker.End {
        let signal = status & 0x7f
        var found: Worker.End = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal)
        if let excess, signal != 0 { found = .exceeded(excess) }
        if signal == SIGXCPU { found = .exceeded(.time) }
        end = found
        return found
    }

    func kill() { if end == nil { _ = Glibc.kill(pid, SIGKILL) } }
}
