internal import FoundationEssentials

/// What Spawnscope itself notes in a session (feature bit 200): one JSON object, `"schema": "spawnscope.session/1"`,
/// described by `session.schema.json`. These types write it and read it; unknown keys are ignored.
///
/// Times are in nanoseconds. What is `nil` is absent from the object: it is unknown or does not apply.
package struct SessionMetadata: Hashable, Sendable, Codable {
    package static let schema = "spawnscope.session/1"

    package var schema = Self.schema
    /// Made when the recording starts.
    package var id: SessionID?
    /// uname(2)'s name of the machine.
    package var host: String?
    /// How the events came from the kernel.
    package var recorder: Lenient<RecorderKind>?
    package var toolVersion: String?
    /// The workload's argv, without what looks like a secret.
    package var command: [String]?
    /// The user that the command ran as, if not the recorder's own.
    package var commandUser: UInt32?
    /// Whose spawns were recorded; `nil` in older sessions, which always recorded a command. The word of a target that
    /// this version does not know is `nil`.
    package var target: Lenient<Target>?
    /// The process that executes the command; `nil` if there was none.
    package var rootPID: Int32?
    /// With `Target.processes`: the processes that ran when the recording began.
    package var roots: [Int32]?
    /// The recorder, whose own events do not belong to the workload.
    package var recorderPID: Int32?
    /// When the recording began, by CLOCK_MONOTONIC.
    package var start: UInt64?
    /// When the recording began, since 1970.
    package var startWall: UInt64?
    package var kernel: String?
    package var machine: String?
    /// Where in the exit of a process its end is stamped: `before-teardown` or `after-teardown` of its memory; `nil` if
    /// it is not recorded.
    package var exitEvent: String?
    /// Which comparison it was recorded for, and which side of it.
    package var comparison: Comparison?
    package var options: Options?
    package var events: [Event]?
    /// Tracepoints that were wanted and that the kernel lacks.
    package var missingEvents: [String]?
    /// Paths that led to other files than the recorded ones, or nowhere, when the recording ended. Whatever they lead
    /// to now must not name what was recorded.
    package var otherFiles: [String]?
    /// Files that share their path with others.
    package var identifiedFiles: [IdentifiedFile]?
    /// Changes of root directories and pid namespaces by processes of the workload.
    package var namespaces: [NamespaceChange]?
    /// The number of records of processes outside the workload that packing left out.
    package var foreignDropped: Int?
    /// How the recording ended; `nil` if the recorder was killed.
    package var end: End?

    private enum CodingKeys: String, CodingKey {
        case schema, id, host, recorder, command, target, roots, kernel, machine, comparison, options, events,
            namespaces, end
        case toolVersion = "tool_version"
        case commandUser = "command_uid"
        case rootPID = "root_pid"
        case recorderPID = "recorder_pid"
        case start = "start_ns"
        case startWall = "start_wall_ns"
        case exitEvent = "exit_event"
        case missingEvents = "missing_events"
        case otherFiles = "other_files"
        case identifiedFiles = "identified_files"
        case foreignDropped = "foreign_dropped"
    }

    package init() {}

    private struct Version: Decodable { var schema: String }

    package init(json: [UInt8]) throws(SessionMetadataError) {
        let data = Data(json)
        do {
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            // A newer schema may have another structure.
            guard let version = try? JSONDecoder().decode(Version.self, from: data), version.schema != Self.schema
            else {
                throw .unreadable
            }
            throw .newer(schema: version.schema)
        }
        guard schema == Self.schema else { throw .newer(schema: schema) }
    }

    /// The object in UTF-8 on one line, its keys in alphabetical order.
    package func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Encoding cannot fail: there is no floating-point number, and every key is a string.
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }

    /// Adds `foreign_dropped` to a JSON object; everything else in it, known or not, stays as it is.
    package static func adding(foreignDropped count: Int, to json: [UInt8]) -> [UInt8] {
        guard let brace = json.firstIndex(of: UInt8(ascii: "{")) else { return json }
        let rest = json[(brace + 1)...]
        let isEmpty = rest.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "}")
        return json[...brace] + Array("\"foreign_dropped\":\(count)\(isEmpty ? "" : ",")".utf8) + rest
    }
}

extension SessionMetadata {
    /// How many records of each event the kernel dropped, by the event's own counter, read at the end, under every ID
    /// of the event. Empty if the recorder was killed, or if the kernel has no such counters (before 6.0).
    package var lostByID: [UInt64: UInt64] {
        var lost: [UInt64: UInt64] = [:]
        for event in events ?? [] {
            guard let count = event.lost else { continue }
            for id in event.ids ?? [] { lost[id] = count }
        }
        return lost
    }

    /// Outputs whose BPF programs missed calls.
    package var incompleteOutputs: Set<ProgramOutput> {
        Set((events ?? []).filter { $0.missed ?? 0 > 0 }.compactMap { $0.name.flatMap(ProgramOutput.init) })
    }

    /// In time order.
    package var namespaceChanges: [NamespaceChange] { (namespaces ?? []).sorted { $0.time < $1.time } }
}

package enum SessionMetadataError: Error, Hashable, Sendable {
    /// Not JSON, or not of this shape.
    case unreadable
    /// A newer major version of the schema.
    case newer(schema: String)
}
