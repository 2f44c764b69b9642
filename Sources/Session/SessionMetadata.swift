internal import FoundationEssentials

/// What Spawnscope itself notes in a session (feature bit 200): one JSON object, `"schema": "spawnscope.session/1"`, as
/// `session.schema.json` describes it. These types write it and read it; a key that they do not know is left alone.
///
/// Times are nanoseconds. What is `nil` is absent from the object: not known, or not so.
package struct SessionMetadata: Hashable, Sendable, Codable {
    package static let schema = "spawnscope.session/1"

    package var schema = Self.schema
    /// Made when the recording starts.
    package var id: SessionID?
    /// uname(2)'s name of the machine.
    package var host: String?
    /// Which way the events came from the kernel.
    package var recorder: Lenient<RecorderKind>?
    package var toolVersion: String?
    /// The workload's argv, without what looks like a secret.
    package var command: [String]?
    /// The user that the command ran as where it was not the recorder's own.
    package var commandUser: UInt32?
    /// Whose spawns were recorded; `nil` in older sessions, which were all of a command, and where it is not known here.
    package var target: Lenient<Target>?
    /// The process that executes the command; `nil` when there was none.
    package var rootPID: Int32?
    /// With `Target.processes`: the processes that ran when the recording began.
    package var roots: [Int32]?
    /// The recorder, whose own events are nobody's workload.
    package var recorderPID: Int32?
    /// When the recording began, by CLOCK_MONOTONIC.
    package var start: UInt64?
    /// When the recording began, since 1970.
    package var startWall: UInt64?
    package var kernel: String?
    package var machine: String?
    /// Where in the exit of a process its end is stamped, `before-teardown` of its memory or after; `nil` where it is not recorded.
    package var exitEvent: String?
    /// The side of a comparison that it was recorded for, and which comparison that was.
    package var comparison: Comparison?
    package var options: Options?
    package var events: [Event]?
    /// Tracepoints that were wanted and that the kernel lacks.
    package var missingEvents: [String]?
    /// Paths that led to other files than the recorded ones, or nowhere, when the recording ended: whatever they lead to now,
    /// it does not name what was recorded.
    package var otherFiles: [String]?
    /// Files that share their path with others.
    package var identifiedFiles: [IdentifiedFile]?
    /// What processes of the workload changed of where they are.
    package var namespaces: [NamespaceChange]?
    /// Records of processes outside of the workload that packing left out.
    package var foreignDropped: Int?
    /// How the recording ended; `nil` in a session whose recorder was killed.
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
            // What is newer may be of another shape.
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
        // Nothing in it can be refused: no float, and no key that is not a string.
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }

    /// The object with that number in it; what else it holds, known or not, stays as it is.
    package static func adding(foreignDropped count: Int, to json: [UInt8]) -> [UInt8] {
        guard let brace = json.firstIndex(of: UInt8(ascii: "{")) else { return json }
        let rest = json[(brace + 1)...]
        let isEmpty = rest.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "}")
        return json[...brace] + Array("\"foreign_dropped\":\(count)\(isEmpty ? "" : ",")".utf8) + rest
    }
}

extension SessionMetadata {
    /// What the kernel dropped of each event by the event's own counter, read at the end, under every id of the event. Empty
    /// where the recorder was killed, and where the kernel has no such counters (before 6.0).
    package var lostByID: [UInt64: UInt64] {
        var lost: [UInt64: UInt64] = [:]
        for event in events ?? [] {
            guard let count = event.lost else { continue }
            for id in event.ids ?? [] { lost[id] = count }
        }
        return lost
    }

    /// Outputs whose programs did not see every call.
    package var incompleteOutputs: Set<ProgramOutput> {
        Set((events ?? []).filter { $0.missed ?? 0 > 0 }.compactMap { $0.name.flatMap(ProgramOutput.init) })
    }

    /// In the order of time.
    package var namespaceChanges: [NamespaceChange] { (namespaces ?? []).sorted { $0.time < $1.time } }
}

package enum SessionMetadataError: Error, Hashable, Sendable {
    /// Not JSON, or not of this shape.
    case unreadable
    /// A newer major version of the schema.
    case newer(schema: String)
}
