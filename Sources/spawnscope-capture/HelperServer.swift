import Glibc
import KernelPrograms
import LinuxSystem
import PerfRecords

/// Answers one recorder's requests, until it closes the socket or sends what is no request.
struct HelperServer: ~Copyable {
    private let socket: HelperSocket
    private var programs: JoinedPrograms?
    private var slot: RecordingSlot?
    /// The recorder's process.
    private let client = getppid()
    private let restriction = TraceRestriction.ofThisMachine

    /// Bytes that a ring may have: memory of the kernel's, charged to who asks for it.
    private static let ringSizes = 1 << 16...1 << 24
    private static let mostStack: UInt64 = 256 << 10

    init(_ socket: consuming HelperSocket) { self.socket = socket }

    consuming func serve() -> Never {
        while true {
            switch socket.receive(limit: HelperRequest.size + 1) {
            case .ended: exit(0)
            case .failed: exit(1)
            case .bytes(let bytes, let passed):
                guard let request = unsafe HelperRequest(bytes.span.bytes, version: HelperSocket.version) else {
                    // Its version is this one's, so that whoever asked sees that it is another.
                    answer(HelperReply(code: EPROTO, text: "it is of another version than spawnscope"))
                    exit(1)
                }
                let reply = respond(to: request, passed.number)
                answer(reply, passing: request.kind == .open && reply.code == 0 ? programs?.ring ?? -1 : -1)
            }
        }
    }

    private func answer(_ reply: HelperReply, passing number: Int32 = -1) {
        if socket.send(reply.encoded(version: HelperSocket.version), passing: number) != 0 { exit(0) }
    }

    private mutating func respond(to request: HelperRequest, _ passed: Int32) -> HelperReply {
        do throws(BPFProgramError) {
            if request.kind == .open { return try open(request) }
            guard let programs else { return HelperReply(code: EINVAL, text: "nothing is open") }
            switch request.kind {
            case .open: break
            case .follow:
                guard OwnProcess.isMine(pidfd: passed, under: restriction == .descendants ? client : nil) else {
                    return HelperReply(code: EPERM, text: "the process is another user's, or has ended")
                }
                try programs.follow(pidfd: passed)
            case .enable: try programs.enable()
            case .losses:
                let losses = programs.losses
                return HelperReply(values: losses.lost + [losses.missed])
            case .firstRun:
                guard OwnProcess.isMine(pidfd: passed) else { return HelperReply(values: [0]) }
                return HelperReply(values: [programs.firstRun(pidfd: passed) ?? 0])
            }
            return HelperReply()
        } catch {
            if case .system(let code) = error { return HelperReply(code: code, text: reason(error)) }
            return HelperReply(code: ENOSYS, text: reason(error))
        }
    }

    private mutating func open(_ request: HelperRequest) throws(BPFProgramError) -> HelperReply {
        let (ring, stack, wake) = (request.values[0], request.values[1], request.values[2])
        guard programs == nil, let size = Int(exactly: ring), Self.ringSizes.contains(size), size & (size - 1) == 0,
            stack <= Self.mostStack, wake <= ring
        else { return HelperReply(code: EINVAL, text: "it does not make such a ring") }
        guard getuid() != 0 else { return HelperReply(code: EPERM, text: "root needs no helper") }
        guard let slot = RecordingSlot(user: getuid()) else {
            return HelperReply(
                code: EBUSY,
                text: "\(RecordingSlot.mostOfUser) recordings of a user, \(RecordingSlot.most) in all, are the most")
        }
        let made = try JoinedPrograms(
            ringSize: size, group: nil, isNested: JoinedPrograms.isNested, id: Self.tracepoint,
            adjust: { words in
                words[.stackLimit] = Int64(stack)
                words[.wakeAt] = Int64(wake)
                words[.tellsMappings] = 1
                words[.follows] = 0
                words[.tellsAtOnce] = 0
                // Nobody has the highest number.
                words[.owner] = Int64(restriction == .nobody ? UInt32.max : getuid())
                words[.ownerGroup] = Int64(getgid())
            })
        // Without them names and mappings would have to come from events of the whole machine, which show what strangers do.
        guard made.hasIterators else { return HelperReply(code: ENOSYS, text: "it works from Linux 6.7 on") }
        self.slot = consume slot
        programs = made
        return HelperReply()
    }

    private func reason(_ error: BPFProgramError) -> String {
        error.reason(
            capabilities: Capabilities.effective.union(Privileges.available),
            kernel: .running)
    }

    /// The number of a tracepoint. The path is this program's own, of where the kernel mounts tracefs.
    private static func tracepoint(_ name: TracepointName) -> UInt64? {
        let path = "/sys/kernel/tracing/events/\(name.system)/\(name.event)/id"
        let text = try? Privileges.raised(.dacReadSearch) { () throws(SystemError) in try SystemFile.bytes(path) }
        return text.flatMap { UInt64(String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) }
    }
}
