/// The workload whose spawns are recorded. The events are those of the whole machine except with a cgroup.
package enum RecordingTarget: Hashable, Sendable {
    /// The command that the recorder starts, and its descendants.
    case command
    /// Running processes, and all that they start.
    case processes([Int32])
    /// Every process; with a command, for as long as it runs.
    case machine
    /// The tasks of a control group and those below it: a directory of the cgroup file system, or a path in one.
    case cgroup(String)
}
