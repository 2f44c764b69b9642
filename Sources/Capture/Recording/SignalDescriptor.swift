import CPerfEvent
import Glibc
import LinuxSystem
import PerfData

/// The signals that end a recording, read as events instead of being delivered.
///
/// Signals that were ignored when the recorder started (nohup, a shell's background job) stay ignored.
struct SignalDescriptor: ~Copyable {
    private let descriptor: OwnedDescriptor
    var number: Int32 { descriptor.number }

    init() throws(RecordingError) {
        var blocked = sigset_t()
        var read = sigset_t()
        unsafe sigemptyset(&blocked)
        unsafe sigemptyset(&read)
        for signal in [SIGINT, SIGQUIT, SIGTERM, SIGHUP] {
            var action = sigaction()
            guard unsafe sigaction(signal, nil, &action) == 0 else { continue }
            if unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1 { continue }
            unsafe sigaddset(&blocked, signal)
            unsafe sigaddset(&read, signal)
        }
        // A closed pipe at standard error, or a file at its size limit, must make a write fail and not end the
        // recorder.
        unsafe sigaddset(&blocked, SIGPIPE)
        unsafe sigaddset(&blocked, SIGXFSZ)
        // If SIGCHLD were ignored, the workload's status would be lost. The workload itself keeps it ignored.
        signal(SIGCHLD, SIG_DFL)
        guard unsafe sigprocmask(SIG_BLOCK, &blocked, nil) == 0 else {
            throw .system(operation: "block signals", code: errno)
        }
        let number = unsafe signalfd(-1, &read, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        guard number >= 0 else { throw .system(operation: "open a signalfd", code: errno) }
        descriptor = OwnedDescriptor(number)
    }

    /// The next signal that has arrived; `nil` if there is none.
    func next() -> Int32? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard unsafe read(descriptor.number, &information, size) == size else { return nil }
        return Int32(clamping: information.ssi_signo)
    }
}
