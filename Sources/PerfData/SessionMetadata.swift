internal import FoundationEssentials

/// What Spawnscope itself noted in a session (feature bit 200): one JSON object, `"schema": "spawnscope.session/1"`.
/// Keys that are not read here are left alone.
public struct SessionMetadata: Hashable, Sendable {
    /// The workload's argv.
    public var command: [String] = []
    /// The process that executes the command; `nil` when there was none.
    public var rootPID: Int32?
    /// Nanoseconds from the workload's release to the end, absent in a session whose recorder was killed.
    public var duration: UInt64?
    public var lost: [String: UInt64] = [:]

    public enum Problem: Error, Hashable, Sendable {
        /// Not JSON, or not of this shape.
        case unreadable
        /// A newer major version of the schema.
        case newer(schema: String)
    }

    public init(json: [UInt8]) throws(Problem) {
        let stored: Stored
        do {
            stored = try JSONDecoder().decode(Stored.self, from: Data(json))
        } catch {
            throw .unreadable
        }
        guard stored.schema == "spawnscope.session/1" else { throw .newer(schema: stored.schema) }
        command = stored.command ?? []
        rootPID = stored.root_pid
        duration = stored.duration_ns
        lost = stored.lost ?? [:]
    }

    private struct Stored: Decodable {
        var schema: String
        var command: [String]?
        var root_pid: Int32?
        var duration_ns: UInt64?
        var lost: [String: UInt64]?
    }
}
