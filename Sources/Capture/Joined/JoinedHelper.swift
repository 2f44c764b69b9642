import CPerfEvent
import Glibc
import KernelPrograms
import LinuxSystem
import PerfRecords

/// The joined recorder's programs, loaded by spawnscope-capture for a user who may not load them: a process that ends when
/// this object does, and all its programs with it.
final class JoinedHelper: JoinedKernel {
    private let socket: HelperSocket
    private let ringMap: OwnedDescriptor
    let hasIterators = true
    private var last: (lost: [UInt64], missed: UInt64) = ([], 0)

    /// The answers take milliseconds, that to the first request some twenty.
    private static let longestWait: Int32 = 10_000

    /// `path`: the helper's. `ringSize` and `stackLimit` in bytes; `wakeAt`: the bytes in the ring from which on a record wakes its
    /// reader.
    init(path: String, ringSize: Int, stackLimit: Int, wakeAt: UInt32) throws(BPFProgramError) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = unsafe withUnsafeMutableBytes(of: &ends) { bytes in
            unsafe socketpair(
                AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0,
                bytes.bindMemory(to: Int32.self).baseAddress)
        }
        guard result == 0 else { throw .system(code: errno) }
        let other = OwnedDescriptor(ends.1)
        let socket = HelperSocket(OwnedDescriptor(ends.0))
        try Self.start(path, other.number)
        let request = HelperRequest(.open, [UInt64(clamping: ringSize), UInt64(clamping: stackLimit), UInt64(wakeAt)])
        var number: Int32 = -1
        _ = try Self.ask(request, of: socket, passed: &number)
        ringMap = OwnedDescriptor(number)
        self.socket = socket
    }

    /// The process ends with the socket, and is not waited for: to detach its programs takes it longer than all that this process has
    /// left to do.
    private static func start(_ path: String, _ socket: Int32) throws(BPFProgramError) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, socket, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        var pid: pid_t = 0
        let arguments = CStrings([Array("spawnscope-capture".utf8)])
        let environment = CStrings([])
        let code = unsafe posix_spawn(&pid, path, &actions, nil, arguments.pointers, environment.pointers)
        guard code == 0 else { throw .system(code: code) }
    }

    /// `passing`: a descriptor for the helper.
    private static func ask(
        _ request: HelperRequest, of socket: borrowing HelperSocket, passing number: Int32 = -1
    ) throws(BPFProgramError) -> HelperReply {
        var ignored: Int32 = -1
        defer { if ignored >= 0 { close(ignored) } }
        return try ask(request, of: socket, passing: number, passed: &ignored)
    }

    /// `passed`: the descriptor that came with the answer, which is then the caller's.
    private static func ask(
        _ request: HelperRequest, of socket: borrowing HelperSocket, passing number: Int32 = -1, passed: inout Int32
    ) throws(BPFProgramError) -> HelperReply {
        let code = socket.send(request.encoded(version: HelperSocket.version), passing: number)
        guard code == 0 else { throw .helper("it does not answer (\(SystemError(code).message))") }
        switch socket.receive(limit: HelperReply.size + 1, milliseconds: longestWait) {
        case .ended: throw .helper("it has ended")
        case .failed(let code): throw .helper("it does not answer (\(SystemError(code).message))")
        case .bytes(let bytes, let held):
            guard let reply = unsafe HelperReply(bytes.span.bytes, version: HelperSocket.version) else {
                throw .helper("it is of another version")
            }
            if reply.code == ESRCH { throw .system(code: ESRCH) }
            guard reply.code == 0 else { throw .helper(reply.text) }
            passed = held.release()
            return reply
        }
    }

    var ring: Int32 { ringMap.number }

    func follow(pidfd: Int32) throws(BPFProgramError) {
        _ = try Self.ask(HelperRequest(.follow), of: socket, passing: pidfd)
    }

    func enable() throws(BPFProgramError) { _ = try Self.ask(HelperRequest(.enable), of: socket) }

    /// Those of the last answer, if there is none any more.
    var losses: (lost: [UInt64], missed: UInt64) {
        if let values = try? Self.ask(HelperRequest(.losses), of: socket).values,
            let missed = values.dropFirst(JoinedPrograms.kinds).first
        {
            last = (Array(values.prefix(JoinedPrograms.kinds)), missed)
        }
        return last
    }

    func firstRun(pidfd: Int32) -> UInt64? {
        let answer = try? Self.ask(HelperRequest(.firstRun), of: socket, passing: pidfd).values.first
        return answer == 0 ? nil : answer
    }

    /// It has no clock events beside it.
    func limit(event: Int32) {}
}
