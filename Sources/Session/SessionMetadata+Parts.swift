extension SessionMetadata {
    package enum Target: String, Hashable, Sendable {
        case command, processes, machine, cgroup
    }

    /// How a recorder gets its events.
    package enum RecorderKind: String, Hashable, Sendable {
        /// A spawn's life joined by BPF programs, in a few samples of the recorder's own (`JoinedEvent`).
        case joined
        /// Tracepoints, with a sample for each occurrence.
        case events
        /// ptrace(2): stops at creations, execs and ends, told by the events of `joined`.
        case traced
        /// The side band of the command's own events, which its descendants inherit.
        case inherited
    }

    package struct Comparison: Hashable, Sendable, Codable {
        package var side: String
        package var id: String

        package init(side: String, id: String) { (self.side, self.id) = (side, id) }
    }

    /// The options of the recording.
    package struct Options: Hashable, Sendable, Codable {
        package var ringSize: Int?
        /// Bytes of user stack recorded with each process creation.
        package var stackSize: Int?
        /// Samples per second.
        package var sampleFrequency: UInt64?
        package var tracepoints: [String]?
        package var filter: String?
        package var callchains: Bool?
        /// `PATH:FUNCTION` each.
        package var probes: [String]?
        package var probesLink: Bool?
        package var leavesOutSystemCalls: Bool?
        package var cgroup: String?
        package var duration: UInt64?
        package var waitsForAll: Bool?
        /// Bytes.
        package var maximumSize: UInt64?

        private enum CodingKeys: String, CodingKey {
            case tracepoints, filter, callchains, probes, cgroup
            case ringSize = "ring_size"
            case stackSize = "stack_size"
            case sampleFrequency = "sample_frequency"
            case probesLink = "link"
            case leavesOutSystemCalls = "no_syscalls"
            case duration = "duration_ns"
            case waitsForAll = "wait_for_all"
            case maximumSize = "max_size"
        }

        package init() {}
    }

    package struct Event: Hashable, Sendable, Codable {
        package var name: String?
        package var ids: [UInt64]?
        /// Whether the user named it.
        package var isAsked: Bool?
        package var filter: String?
        /// Includes lost ones; absent for events that are not counted one by one.
        package var occurrences: UInt64?
        package var lost: UInt64?
        /// Calls of any process that the BPF program behind a `ProgramOutput` missed; absent if there were none.
        package var missed: UInt64?

        private enum CodingKeys: String, CodingKey {
            case name, ids, filter, occurrences, lost, missed
            case isAsked = "asked"
        }

        package init(name: String, ids: [UInt64]) { (self.name, self.ids) = (name, ids) }
    }

    /// A file, identified as in MMAP2 records, and its build ID.
    package struct IdentifiedFile: Hashable, Sendable, Codable {
        package var path: String
        package var major: UInt32
        package var minor: UInt32
        package var inode: UInt64
        package var buildID: BuildID

        private enum CodingKeys: String, CodingKey {
            case path, major, minor, inode
            case buildID = "build_id"
        }

        package init(path: String, major: UInt32, minor: UInt32, inode: UInt64, buildID: [UInt8]) {
            (self.path, self.major, self.minor, self.inode) = (path, major, minor, inode)
            self.buildID = BuildID(bytes: buildID)
        }
    }

    /// At `time`, a process had another root directory than the recorder, or its children another pid namespace than
    /// itself.
    package struct NamespaceChange: Hashable, Sendable, Codable {
        package var process: Int32
        /// By the session's clock.
        package var time: UInt64
        /// Index among the root directories that the recorder held; `nil` for the recorder's own.
        package var root: Int?
        /// Whether the next process that it creates is the first of a pid namespace.
        package var makesInit: Bool?
        /// Its pid in its innermost pid namespace, if that was known then.
        package var number: Int32?

        private enum CodingKeys: String, CodingKey {
            case root, number
            case process = "pid"
            case time = "time_ns"
            case makesInit = "makes_init"
        }

        package init(process: Int32, time: UInt64, root: Int?, makesInit: Bool, number: Int32? = nil) {
            (self.process, self.time, self.root, self.number) = (process, time, root, number)
            self.makesInit = makesInit ? true : nil
        }
    }

    package struct End: Hashable, Sendable, Codable {
        /// `command-ended`, `last-ended`, `duration`, `max-size`, `session-failed` or `interrupted`.
        package var reason: String?
        package var signalOfInterruption: Int32?
        /// Whether it stopped early because the session could not be written.
        package var isCut: Bool?
        /// In nanoseconds, from the workload's release on.
        package var duration: UInt64?
        /// The command's exit code, and the signal that ended it; both `nil` if it still ran, or if there was no
        /// command.
        package var status: Int32?
        package var signal: Int32?
        /// Events that the kernel dropped: by the events' own counters if `lostByID` has them, else by LOST records.
        package var lost: UInt64?
        /// What the user was told, one line each.
        package var notes: [String]?

        private enum CodingKeys: String, CodingKey {
            case reason, status, signal, lost, notes
            case signalOfInterruption = "interrupted_by_signal"
            case isCut = "cut"
            case duration = "duration_ns"
        }

        package init() {}

        /// Whether the command failed, so that its spawns are not those of a successful run.
        package var commandFailed: Bool { signal != nil || status ?? 0 != 0 }
    }
}
