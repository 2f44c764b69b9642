internal import CLinuxSystem
internal import Glibc

/// Parses untrusted files in a process without rights.
///
/// Recordings, programs, debug information and JIT compilers' files can come from anyone who can run a program. They
/// are parsed in a forked child (no program is executed) that has no capability and can never get one, runs as another
/// user if this process is root, and cannot open files, start processes or use the network. It works with its memory
/// and with descriptors that its parent has checked and opened (`FilePolicy`, `FileOpener`). It is killed when its
/// parent ends.
package enum Worker {
    package enum End: Hashable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)
        /// It was killed because it used more than its files justify, or was stopped for too long.
        case exceeded(Excess)
    }

    package enum Excess: Hashable, Sendable {
        case memory, time
        /// It was stopped by a signal for too long.
        case stop
    }

    package struct Result: Hashable, Sendable {
        package var end: End
        /// Whether a file that it wrote has got its name.
        package var hasCommitted = false
    }

    /// Exit status of a worker that could not give up its rights, and so did nothing.
    package static let unconfined: Int32 = 71

    /// Whether SPAWNSCOPE_WITHOUT_WORKER asks to parse in this process: for valgrind(1) and the like, which need rights
    /// that a worker has given up. Ignored if this process has rights to lose.
    private static var isLeftOut: Bool {
        guard geteuid() != 0, clinux_has_any_capability() == 0 else { return false }
        return unsafe clinux_secure_getenv("SPAWNSCOPE_WITHOUT_WORKER") != nil
    }

    /// Runs `body` in a worker and answers its requests until it has ended. Its standard output and standard error are
    /// those of this process; otherwise only its exit status and committed files remain.
    package static func run(
        _ policy: FilePolicy, keeping: [Int32] = [], fetch: DebugFileFetch? = nil, _ body: () -> Int32
    ) throws(SystemError) -> Result {
        if isLeftOut { return Result(end: .exited(body())) }
        let process = try WorkerProcess(policy, keeping: keeping, fetch: fetch, body: body)
        let end = process.wait()
        return Result(end: end, hasCommitted: process.hasCommitted)
    }
}

/// A worker that stays and answers one question at a time: it parses files while a recording goes on.
package final class AskedWorker {
    private let process: WorkerProcess
    private let questions: OwnedDescriptor

    /// The limit of a message in bytes, including its first, constant byte.
    private static let longest = 1 << 14

    /// `answer` runs in the worker; the descriptor that comes with a question is closed after `answer` returns.
    package init(
        _ policy: FilePolicy, _ answer: (_ question: [UInt8], _ descriptor: Int32?) -> [UInt8]
    ) throws(SystemError) {
        let sockets = try SocketPair()
        let workers = sockets.childs.number
        process = try WorkerProcess(policy, keeping: [workers], fetch: nil) {
            while let (question, number) = Self.receive(workers) {
                let descriptor = OwnedDescriptor(number)
                let reply = answer(question, number >= 0 ? descriptor.number : nil)
                guard Self.send(reply, -1, to: workers) else { break }
            }
            return 0
        }
        questions = sockets.takeOwn()
    }

    deinit {
        process.kill()
        _ = process.reap()
    }

    /// Asks the worker one question; `nil` if the worker has ended, for whatever reason.
    package func ask(_ question: [UInt8], _ descriptor: Int32? = nil) -> [UInt8]? {
        guard Self.send(question, descriptor ?? -1, to: questions.number) else { return nil }
        while true {
            var waiting = [
                pollfd(fd: questions.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: process.requests, events: Int16(POLLIN), revents: 0),
            ]
            let count = unsafe poll(&waiting, 2, process.patience)
            if count <= 0 {
                guard count == 0 || errno == EINTR, process.watch() else { return nil }
                continue
            }
            if waiting[1].revents != 0, !process.serveOne() { return nil }
            if waiting[0].revents != 0 { return Self.receive(questions.number)?.message }
        }
    }

    private static func send(_ bytes: [UInt8], _ descriptor: Int32, to socket: Int32) -> Bool {
        // A message of no bytes would read as end of file: each begins with a constant byte.
        let message = [1] + bytes.prefix(longest - 1)
        return unsafe clinux_send(socket, message, message.count, descriptor) == message.count
    }

    private static func receive(_ socket: Int32) -> (message: [UInt8], descriptor: Int32)? {
        var number: Int32 = -1
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: longest) { buffer, count in
            unsafe count = max(0, clinux_receive(socket, buffer.baseAddress, buffer.count, &number))
        }
        guard !bytes.isEmpty else { return nil }
        return (Array(bytes.dropFirst()), number)
    }
}
