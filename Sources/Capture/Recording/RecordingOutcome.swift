import Glibc
import Session

/// How a recording ended and what it holds, as far as the recorder knows without reading it.
package struct RecordingOutcome: Sendable {
    package enum CommandEnd: Hashable, Sendable {
        case exited(status: Int32)
        case killed(signal: Int32)
    }

    package enum EndReason: Hashable, Sendable {
        case commandEnded
        /// The last of the processes that were recorded has ended.
        case lastEnded
        /// `RecordingOptions.duration` is over.
        case durationOver
        /// The session would have exceeded `RecordingOptions.maximumSize`.
        case maximumSize
        /// Writing the session failed, and there is no command to wait for.
        case sessionFailed
        /// The recorder got SIGTERM, SIGHUP, or a second SIGINT or SIGQUIT (the first without a command); the workload
        /// may still run.
        case interrupted(signal: Int32)
    }

    /// One event's counts, summed over the CPUs.
    package struct EventCount: Hashable, Sendable {
        package var name: String
        /// Occurrences, lost ones included; absent for what is not counted one by one (samples, COMM, MMAP2, FORK, EXIT).
        package var occurrences: UInt64?
        /// Absent on kernels that do not count losses by event (before 6.0).
        package var lost: UInt64?
        /// Calls by any process for which the kernel skipped a BPF program; absent if there were none.
        package var missed: UInt64?
    }

    package var session: String
    package var target: RecordingTarget
    /// The command's process.
    package var rootPID: Int32?
    /// Absent while the command still runs.
    package var commandEnd: CommandEnd?
    package var endReason: EndReason
    /// Whether writing the session failed: later records are missing.
    package var isCut: Bool
    /// Nanoseconds from the workload's release to the recording's end.
    package var duration: UInt64
    /// Bytes of records.
    package var bytesWritten: UInt64
    package var events: [EventCount]
    /// Losses that LOST records report, on kernels that do not count them by event.
    package var lostWithoutName: UInt64
    /// Tracepoints that this kernel lacks.
    package var missingEvents: [String]
    /// Paths that do not lead to the files that were recorded.
    package internal(set) var otherFiles: [[UInt8]] = []
    /// The build IDs of files that share their path with others.
    var identifiedFiles: [SessionMetadata.IdentifiedFile] = []
    /// Recorded files that their paths do not lead to here, held open.
    package internal(set) var heldFiles: [HeldFile] = []
    /// Changes of root directory and namespaces by processes, and the root directories that the recorder still holds.
    var namespaceChanges = NamespaceChanges()
    package internal(set) var heldRoots: [HeldRoot] = []
    /// The session itself, open.
    package internal(set) var file: SessionDescriptor?
    /// What the user should know, a line each.
    package var notes: [String]

    package var lost: UInt64 { events.reduce(lostWithoutName) { $0 &+ ($1.lost ?? 0) } }
    /// The sum over the events that are counted one by one.
    package var occurrences: UInt64 { events.reduce(0) { $0 &+ ($1.occurrences ?? 0) } }

    /// The command's status as a shell would report it: its exit status, or 128+N for signal N. Without a command
    /// SIGINT is the usual way to end a recording, and gives 0.
    package var exitStatus: Int32 {
        switch (commandEnd, endReason) {
        case (.exited(let status), _): status
        case (.killed(let signal), _): 128 + signal
        case (nil, .interrupted(let signal)): rootPID == nil && signal == SIGINT ? 0 : 128 + signal
        case (nil, .sessionFailed): 125
        case (nil, _): rootPID == nil ? 0 : 125
        }
    }
}
