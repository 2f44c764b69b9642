import CPerfEvent
import Glibc
import LinuxSystem
import PerfData

/// The workload: forked before anything else is done, released when every event is live.
///
/// Dropping it unreleased ends it without its command having run.
final class StoppedChild {
    let pid: Int32
    /// Readable when its last thread has exited.
    let exit: OwnedDescriptor
    /// Readable when the exec has succeeded (end of file) or failed (the errno).
    let execError: OwnedDescriptor
    private let gate: OwnedDescriptor

    init(command: [[UInt8]]) throws(RecordingError) {
        var child = cperf_child()
        let arguments = unsafe command.map { unsafe Self.string($0) } + [nil]
        let result = unsafe cperf_child_start(arguments, &child)
        unsafe arguments.forEach { unsafe free($0) }
        guard result == 0 else { throw .cannotStartCommand(code: -result) }
        pid = child.pid
        exit = OwnedDescriptor(child.pidfd)
        execError = OwnedDescriptor(child.error_fd)
        gate = OwnedDescriptor(child.release_fd)
    }

    /// A NUL-terminated copy, the caller's to free.
    private static func string(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
        unsafe (bytes + [0]).withUnsafeBytes { terminated in
            guard let start = terminated.baseAddress else { return nil }
            return unsafe strdup(start.assumingMemoryBound(to: CChar.self))
        }
    }

    func release() throws(RecordingError) {
        var byte: UInt8 = 1
        let count = unsafe write(gate.number, &byte, 1)
        // EPIPE: a signal ended the child already, which its pidfd tells.
        if count != 1, errno != EPIPE { throw .system(operation: "release the command", code: errno) }
    }

    /// The errno with which the exec failed, 0 when it succeeded; to be asked once `execError` is readable.
    func readExecError() -> Int32 {
        var code: Int32 = 0
        let count = unsafe withUnsafeMutableBytes(of: &code) { unsafe read(execError.number, $0.baseAddress, $0.count) }
        return count == MemoryLayout<Int32>.size ? code : 0
    }

    /// Reaps the child, which has exited; `nil` when someone else did.
    func reap() -> RecordingOutcome.CommandEnd? {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 {
            if errno != EINTR { return nil }
        }
        // wait(2)'s status: the signal in bits 0…6, the exit code in bits 8…15.
        let signal = status & 0x7f
        return signal == 0 ? .exited(status: (status >> 8) & 0xff) : .killed(signal: signal)
    }
}
