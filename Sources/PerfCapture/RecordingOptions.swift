/// What to record, and where to.
public struct RecordingOptions: Sendable {
    /// Empty where none is to be run; as bytes: what is no UTF-8 must reach it unrepaired.
    public var command: [[UInt8]]
    /// Its words as the session keeps them, secrets hidden.
    public var keptCommand: [[UInt8]]
    public var target = RecordingTarget.command
    /// Who runs the command; `nil` for the recorder's own user.
    public var user: CommandUser?
    /// Nanoseconds after which the recording ends.
    public var duration: UInt64?
    /// The recording ends with the command's last descendant, not with the command.
    public var waitsForAll = false
    /// Bytes that the session must not exceed.
    public var maximumSize: UInt64?
    public var output = "spawnscope.data"
    /// Bytes of ring buffer a CPU: a power of two of pages; `nil` for what the stacks need and the machine has room for.
    public var ringSize: Int?
    /// Bytes of user stack with each creation, 0 for none; `nil` for what covers nearly every program and suits the ring.
    public var stackSize: Int?
    /// cpu-clock samples a second and CPU, with kernel and user callchains.
    public var sampleFrequency: UInt64?
    /// Tracepoints asked for beside those that the phases need, as `system:event`.
    public var tracepoints: [String] = []
    /// The kernel's filter expression for the tracepoints asked for.
    public var filter: String?
    /// Callchains, kernel and user, with the tracepoints asked for.
    public var callchains = false
    /// No system call tracepoints, which would put every process of the machine on the slow system-call path.
    public var leavesOutSystemCalls = false
    /// Functions whose calls are counted.
    public var probes: [FunctionProbe] = []
    /// A breakpoint on `__libc_start_main` tells when a program's own code begins.
    public var probesLink = false
    /// For the session: which side of which comparison it is recorded for.
    public var comparison: (side: String, id: String)?
    /// For the session: the recorder's version and its own argv, secrets hidden.
    public var toolVersion = ""
    public var commandLine: [String] = []

    public init(command: [[UInt8]]) {
        self.command = command
        keptCommand = command
    }

    public init(command: [String]) {
        self.init(command: command.map { Array($0.utf8) })
    }

    /// The command's name as people read it.
    var commandName: String { String(decoding: command.first ?? [], as: UTF8.self) }
}
