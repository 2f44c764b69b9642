internal import CLinuxSystem
internal import Glibc

/// A child of this process that gave up its rights before it looks at what others wrote, seen by its parent: what it asks for is opened
/// here.
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

    /// Files that are under way at once, of which the user names one; and temporary ones in all.
    private static let (mostStaged, mostTemporary) = (4, 16)
    private var temporaryFiles = 0

    /// Forks, so it is meant for a process with one thread. `body` runs in the child, and its result is the child's exit status.
    ///
    /// - Parameter keeping: the descriptors that the child keeps, beside the standard streams.
    init(
        _ policy: FilePolicy, keeping: [Int32], fetch: DebugFileFetch?, body: () -> Int32
    ) throws(SystemError) {
        let sockets = try SocketPair()
        let identity = WorkerIdentity.ofThisProcess
        // Found out by who has still the rights to be told.
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
        // A crash is one: the runtime's own handlers would start a program to tell of it.
        for number in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGQUIT] { signal(number, SIG_DFL) }
        if identity == nil || WorkerLimits.mayRaiseOthers { WorkerLimits.setFirst() }
        guard isConfined(as: identity) else { _exit(Worker.unconfined) }
        FileAccess.ask(WorkerConnection(socket: socket))
        exitOnThreadOfItsOwn(body)
    }

    /// The runtime's locks know a thread by the number that it asked for once. In the thread that forked that is its parent's still: a lock
    /// over which it and a second thread meet would never be had, since the kernel knows its holder by another.
    private static func exitOnThreadOfItsOwn(_ body: () -> Int32) -> Never {
        withoutActuallyEscaping(body) { body in
            struct Box: @unchecked Sendable { let body: () -> Int32 }
            let box = Box(body: body)
            SystemThread { _exit(box.body()) }?.join()
            // Who may have no other thread has nobody to meet.
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
        // A sandbox around this one may forbid filters; who had no rights before has none to lose.
        return clinux_confine() >= 0 || identity == nil
    }

    /// Answers until the worker has ended.
    func wait() -> Worker.End {
        while end == nil, serveOne() {}
        return reap()
    }

    var requests: Int32 { socket.number }

    /// Milliseconds between two looks at the worker. Where the kernel keeps no limits, what is used in them comes on top of those.
    private static let (shortInterval, interval): (Int32, Int32) = (20, 200)
    /// How long a worker may be stopped, in milliseconds: whoever has its user can do that to it, and its parent would wait for ever.
    private static let longestStop: Int32 = 2000

    /// How long to wait for a request before `watch`.
    var patience: Int32 { limits.areTheKernels ? Self.interval : Self.shortInterval }

    /// Ends the worker where it has used too much, or was stopped; for a parent that has waited for `patience`. False where it was ended.
    func watch() -> Bool {
        guard excess == nil else { return false }
        noteStop()
        // Also where the kernel keeps limits: SIGXCPU may be blocked, and RLIMIT_DATA does not know all memory.
        excess = stoppedFor > Self.longestStop ? .stop : limits.excess(use)
        if excess != nil { kill() }
        return excess == nil
    }

    private func noteStop() {
        var status: Int32 = 0
        guard end == nil else { return }
        if unsafe waitpid(pid, &status, WNOHANG | WUNTRACED | WCONTINUED) == pid {
            // wait(2)'s status: 0x7f in the low byte of one that was stopped, all ones of one that goes on.
            isStopped = status & 0xff == 0x7f
            if !isStopped, status & 0xffff != 0xffff { take(status) }
        }
        // Ctrl-Z stops the parent as well, which counts its own time.
        stoppedFor = isStopped ? stoppedFor + patience : 0
    }

    /// Answers one request; false where there will be no more.
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
        // Nobody sends any.
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

    /// How it ended; it is ended where it has not.
    func reap() -> Worker.End {
        if let end { return end }
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 {
            // Somebody else's wait took it, or SIGCHLD is ignored: all that is known is that it is gone.
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
