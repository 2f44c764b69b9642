import CPerfEvent
import Glibc
import LinuxSystem
import PerfData

/// The command's process: forked before anything else is done, released when every event is enabled.
///
/// If it is dropped unreleased, the process ends without running its command.
final class StoppedChild {
    let pid: Int32
    /// Readable when its last thread has exited.
    let exit: OwnedDescriptor
    /// Readable when the exec has succeeded (end of file) or failed.
    let execError: OwnedDescriptor
    private let gate: OwnedDescriptor

    /// `user`: the user it becomes once it is released; `nil` for the recorder's own.
    init(command: [[UInt8]], as user: CommandUser? = nil) throws(RecordingError) {
        var child = cperf_child()
        let arguments = CStrings(command)
        let result: Int32
        if let user {
            let environment = CStrings(user.environment(from: CStrings.callerEnvironment))
            result = unsafe user.groups.withUnsafeBufferPointer { groups in
                var identity = unsafe cperf_identity(
                    uid: user.uid, gid: user.gid, groups: groups.baseAddress, group_count: groups.count)
                return unsafe cperf_child_start(arguments.pointers, environment.pointers, &identity, &child)
            }
        } else {
            result = unsafe cperf_child_start(arguments.pointers, cperf_caller_environment(), nil, &child)
        }
        guard result == 0 else { throw .cannotStartCommand(code: -result) }
        pid = child.pid
        exit = OwnedDescriptor(child.pidfd)
        execError = OwnedDescriptor(child.error_fd)
        gate = OwnedDescriptor(child.release_fd)
    }

    func release() throws(RecordingError) {
        var byte: UInt8 = 1
        let count = unsafe write(gate.number, &byte, 1)
        // EPIPE: a signal has already ended the child, which its pidfd reports.
        if count != 1, errno != EPIPE { throw .system(operation: "release the command", code: errno) }
    }

    /// Why the child could not execute its command; `nil` if it did. To be called once `execError` is readable.
    func readFailure() -> Failure? {
        var failure = cperf_child_failure()
        let count = unsafe withUnsafeMutableBytes(of: &failure) {
            unsafe read(execError.number, $0.baseAddress, $0.count)
        }
        guard count == MemoryLayout<cperf_child_failure>.size else { return nil }
        switch cperf_child_step(UInt32(bitPattern: failure.step)) {
        case CPERF_CHILD_EXEC: return .exec(code: failure.code)
        case CPERF_CHILD_GROUPS: return .user(step: "set the groups", code: failure.code)
        case CPERF_CHILD_GROUP: return .user(step: "set the group", code: failure.code)
        case CPERF_CHILD_USER: return .user(step: "set the user", code: failure.code)
        default: return .user(step: "drop the capabilities", code: failure.code)
        }
    }

    enum Failure: Hashable {
        /// execvp(3) failed.
        case exec(code: Int32)
        /// It could not become the requested user.
        case user(step: String, code: Int32)
    }

    /// Reaps the child, which has exited; `nil` when someone else did.
    func reap() -> RecordingOutcome.CommandEnd? {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 {
            if errno != EINTR { return nil }
        }
        return RecordingOutcome.CommandEnd(status: status)
    }
}

extension RecordingOutcome.CommandEnd {
    /// wait(2)'s status: the signal in bits 0…6, the exit code in bits 8…15.
    init(status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited(status: (status >> 8) & 0xff) : .killed(signal: signal)
    }
}
