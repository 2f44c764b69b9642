/// What to record, and where to.
package struct RecordingOptions: Sendable {
    /// Empty where none is to be run; as bytes: what is no UTF-8 must reach it unrepaired.
    package var command: [[UInt8]]
    /// Its words as the session keeps them, secrets hidden.
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
    /// Bytes of ring buffer a CPU: a power of two of pages; `nil` for what the stacks need and the machine has room for.
    package var ringSize: Int?
    /// Bytes of user stack with each creation, 0 for none; `nil` for what covers nearly every program and suits the ring.
    package var stackSize: Int?
    /// cpu-clock samples a second and CPU, with kernel and user callchains.
    package var sampleFrequency: UInt64?
    /// Tracepoints asked for beside those that the phases need, as `system:event`.
    package var tracepoints: [String] = []
    /// The kernel's filter expression for the tracepoints asked for.
    package var filter: String?
    /// Callchains, kernel and user, with the tracepoints asked for.
    package var callchains = false
    /// No system call tracepoints, which would put every process of the machine on the slow system-call path.
    package var leavesOutSystemCalls = false
    /// Functions whose calls are counted.
    package var probes: [FunctionProbe] = []
    /// A breakpoint on `__libc_start_main` tells when a program's own code begins.
    package var probesLink = false
    /// For the session: which side of which comparison it is recorded for.
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

    /// The command's name as people read it.
    var commandName: String { String(decoding: command.first ?? [], as: UTF8.self) }
}
