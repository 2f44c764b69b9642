package import Session

/// What to record, and where to.
package struct RecordingOptions: Sendable {
    /// The command's arguments, empty if none is to be run. As bytes: those that are not UTF-8 must be passed on
    /// unchanged.
    package var command: [[UInt8]]
    /// The command as the session keeps it, with secrets hidden.
    package var keptCommand: [[UInt8]]
    package var target = RecordingTarget.command
    /// Who runs the command; `nil` for the recorder's own user.
    package var user: CommandUser?
    /// Nanoseconds after which the recording ends.
    package var duration: UInt64?
    /// The recording ends with the command's last descendant, not with the command.
    package var waitsForAll = false
    /// Bytes that the session must not exceed.
    package var maximumSize: UInt64?
    package var output = "spawnscope.data"
    /// Bytes of ring buffer per CPU, a power of two of pages; `nil` to choose by the stack dumps and the machine's
    /// memory.
    package var ringSize: Int?
    /// Bytes of user stack with each creation, 0 for none; `nil` for a size that covers nearly every program and suits
    /// the ring.
    package var stackSize: Int?
    /// cpu-clock samples per second and CPU, with kernel and user callchains.
    package var sampleFrequency: UInt64?
    /// Tracepoints requested in addition to those that the phases need, as `system:event`.
    package var tracepoints: [String] = []
    /// The kernel's filter expression for the requested tracepoints.
    package var filter: String?
    /// Whether the requested tracepoints have callchains, kernel and user.
    package var callchains = false
    /// Whether system-call tracepoints are left out: they put every process of the machine on the slow system-call
    /// path.
    package var leavesOutSystemCalls = false
    /// Functions whose calls are counted.
    package var probes: [FunctionProbe] = []
    /// Whether a breakpoint on `__libc_start_main` marks where a program's own code begins.
    package var probesLink = false
    /// The recorder to use, and no other; `nil` for the best that this machine allows.
    package var recorder: SessionMetadata.RecorderKind?
    /// What the recording must tell; `nil`: what can be told here.
    package var requirement: Requirement?
    /// For the session: the comparison that it is recorded for, and the side.
    package var comparison: (side: String, id: String)?
    /// For the session: the recorder's version and its own argv, secrets hidden.
    package var toolVersion = ""
    package var commandLine: [String] = []

    package init(command: [[UInt8]]) {
        self.command = command
        keptCommand = command
    }

    package init(command: [String]) {
        self.init(command: command.map { Array($0.utf8) })
    }

    /// The command's name as text.
    var commandName: String { String(decoding: command.first ?? [], as: UTF8.self) }
}
