internal import FoundationEssentials
internal import PerfData

/// What Spawnscope itself noted in a session (feature bit 200): one JSON object, `"schema": "spawnscope.session/1"`.
/// Keys that are not read here are left alone.
package struct SessionMetadata: Hashable, Sendable {
    /// The workload's argv.
    package var command: [String] = []
    /// Whose spawns were recorded; `nil` in older sessions, which were all of a command, and where it is not known here.
    package var target: Target?
    /// When the recording began, nanoseconds of CLOCK_MONOTONIC; `nil` in sessions that do not say.
    package var start: UInt64?
    /// When the recording began, in nanoseconds since 1970.
    package var startWall: UInt64?
    /// Where in the exit of a process its end is stamped, `before-teardown` of its memory or after; `nil` where it is not recorded.
    package var exitEvent: String?
    /// The side of a comparison that it was recorded for, and which comparison that was.
    package var comparison: Comparison?
    /// What was asked to be recorded, where it changes what the figures cost or mean.
    package var recording = Recording()
    /// The user that the command ran as where it was not the recorder's own.
    package var commandUser: UInt32?
    /// The process that executes the command; `nil` when there was none.
    package var rootPID: Int32?
    /// With `Target.processes`: the processes that ran when the recording began.
    package var roots: [Int32] = []
    /// The recorder, whose own events are nobody's workload.
    package var recorderPID: Int32?
    /// How the recording ended; `nil` in a session whose recorder was killed.
    package var end: End?
    /// What the kernel dropped of each event by the event's own counter, read at the end, under every id of the event. Empty
    /// where the recorder was killed, and where the kernel has no such counters (before 6.0).
    package var lostByID: [UInt64: UInt64] = [:]

    /// Paths that led to other files than the recorded ones, or nowhere, when the recording ended: whatever they lead to now,
    /// it does not name what was recorded.
    package var otherFiles: [String] = []
    /// Build IDs of files that share their path with others.
    package var identifiedFiles: [FileIdentity: [UInt8]] = [:]

    /// A file as MMAP2 records tell it.
    package struct FileIdentity: Hashable, Sendable {
        package var path: String
        package var major: UInt32
        package var minor: UInt32
        package var inode: UInt64

        package init(path: String, major: UInt32, minor: UInt32, inode: UInt64) {
            (self.path, self.major, self.minor, self.inode) = (path, major, minor, inode)
        }
    }

    /// What processes of the workload changed of where they are, in the order of time.
    package var namespaceChanges: [NamespaceChange] = []

    /// A process has another root directory, or its children another pid namespace.
    package struct NamespaceChange: Hashable, Sendable {
        package var process: Int32
        /// By the session's clock.
        package var time: UInt64
        /// Which of the roots that the recorder held; `nil` for its own.
        package var root: Int?
        /// The next process that it makes is the first of a pid namespace.
        package var makesInit: Bool
        /// What it calls itself, where that was known then.
        package var number: Int32?

        package init(process: Int32, time: UInt64, root: Int?, makesInit: Bool, number: Int32? = nil) {
            (self.process, self.time, self.root, self.makesInit) = (process, time, root, makesInit)
            self.number = number
        }
    }

    /// Records of processes outside of the workload that packing left out.
    package var foreignDropped: Int?

    /// The object with that number in it; what else it holds, known or not, stays as it is.
    package static func adding(foreignDropped count: Int, to json: [UInt8]) -> [UInt8] {
        guard let brace = json.firstIndex(of: UInt8(ascii: "{")) else { return json }
        let rest = json[(brace + 1)...]
        let isEmpty = rest.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "}")
        return json[...brace] + Array("\"foreign_dropped\":\(count)\(isEmpty ? "" : ",")".utf8) + rest
    }

    package enum Target: String, Hashable, Sendable {
        case command, processes, machine, cgroup
    }

    package struct Comparison: Hashable, Sendable, Decodable {
        package var side: String
        package var id: String
    }

    package struct Recording: Hashable, Sendable {
        /// Bytes of user stack with each creation.
        package var stackSize: Int?
        /// Samples a second.
        package var sampleFrequency: UInt64?
        package var tracepoints: [String] = []
        package var probesLink = false
        package var leavesOutSystemCalls = false
    }

    package struct End: Hashable, Sendable {
        /// Nanoseconds from the workload's release on.
        package var duration: UInt64
        /// `command-ended`, `last-ended`, `duration`, `max-size`, `session-failed` or `interrupted`.
        package var reason: String?
        /// Events that the kernel dropped: by its own counters where there are `lostByID`, else by LOST records.
        package var lost: UInt64
        /// It ended before it was meant to.
        package var isCut = false
        /// The command's exit code, and the signal that ended it; `nil` both where it still ran, and where there was none.
        package var status: Int32?
        package var signal: Int32?

        /// A command that did not do what it was asked to, so that its spawns are not those of one that does.
        package var commandFailed: Bool { signal != nil || status ?? 0 != 0 }
    }

    package enum Problem: Error, Hashable, Sendable {
        /// Not JSON, or not of this shape.
        case unreadable
        /// A newer major version of the schema.
        case newer(schema: String)
    }

    package init(json: [UInt8]) throws(Problem) {
        let stored: Stored
        do {
            stored = try JSONDecoder().decode(Stored.self, from: Data(json))
        } catch {
            throw .unreadable
        }
        guard stored.schema == "spawnscope.session/1" else { throw .newer(schema: stored.schema) }
        command = stored.command ?? []
        target = stored.target.flatMap(Target.init)
        commandUser = stored.command_uid
        rootPID = stored.root_pid
        roots = stored.roots ?? []
        recorderPID = stored.recorder_pid
        start = stored.start_ns
        startWall = stored.start_wall_ns
        exitEvent = stored.exit_event
        comparison = stored.comparison
        foreignDropped = stored.foreign_dropped
        if let options = stored.options {
            recording = Recording(
                stackSize: options.stack_size, sampleFrequency: options.sample_frequency,
                tracepoints: options.tracepoints ?? [], probesLink: options.link ?? false,
                leavesOutSystemCalls: options.no_syscalls ?? false)
        }
        end = stored.end.map {
            End(
                duration: $0.duration_ns ?? 0, reason: $0.reason, lost: $0.lost ?? 0, isCut: $0.cut ?? false,
                status: $0.status, signal: $0.signal)
        }
        otherFiles = stored.other_files ?? []
        namespaceChanges = (stored.namespaces ?? []).map {
            NamespaceChange(
                process: $0.pid, time: $0.time_ns, root: $0.root, makesInit: $0.makes_init ?? false, number: $0.number)
        }.sorted { $0.time < $1.time }
        for file in stored.identified_files ?? [] {
            let identity = FileIdentity(path: file.path, major: file.major, minor: file.minor, inode: file.inode)
            identifiedFiles[identity] = Self.bytes(hexadecimal: file.build_id)
        }
        for event in stored.events ?? [] {
            guard let lost = event.lost else { continue }
            for id in event.ids ?? [] { lostByID[id] = lost }
        }
    }

    /// `nil` for what is no build ID: two digits a byte, 20 bytes at most.
    private static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, !digits.isEmpty, digits.count.isMultiple(of: 2), digits.count <= 40 else {
            return nil
        }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private struct Stored: Decodable {
        var schema: String
        var command: [String]?
        var target: String?
        var start_ns: UInt64?
        var start_wall_ns: UInt64?
        var exit_event: String?
        var comparison: Comparison?
        var foreign_dropped: Int?
        var options: StoredOptions?
        var command_uid: UInt32?
        var root_pid: Int32?
        var roots: [Int32]?
        var recorder_pid: Int32?
        var end: StoredEnd?
        var events: [StoredEvent]?
        var other_files: [String]?
        var identified_files: [StoredFile]?
        var namespaces: [StoredNamespaceChange]?
    }

    private struct StoredNamespaceChange: Decodable {
        var pid: Int32
        var time_ns: UInt64
        var root: Int?
        var makes_init: Bool?
        var number: Int32?
    }

    private struct StoredFile: Decodable {
        var path: String
        var major: UInt32
        var minor: UInt32
        var inode: UInt64
        var build_id: String
    }

    private struct StoredEvent: Decodable {
        var ids: [UInt64]?
        var lost: UInt64?
    }

    private struct StoredOptions: Decodable {
        var stack_size: Int?
        var sample_frequency: UInt64?
        var tracepoints: [String]?
        var link: Bool?
        var no_syscalls: Bool?
    }

    private struct StoredEnd: Decodable {
        var duration_ns: UInt64?
        var reason: String?
        var lost: UInt64?
        var cut: Bool?
        var status: Int32?
        var signal: Int32?
    }
}
