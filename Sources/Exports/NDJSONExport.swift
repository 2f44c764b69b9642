internal import Presentation
internal import Reports
internal import SpawnModel
package import SpawnStatistics

/// A JSON object for each spawn, one per line: the members of the report's `spawns`, and `stack`, `comm` and
/// `ancestry`, since there is no table to refer to.
package struct NDJSONExport: SpawnExporter {
    private var writer = JSONWriter(brokenLevels: 0)

    private let origin: SessionOrigin

    package init(_ origin: SessionOrigin) { self.origin = origin }

    /// Returns and removes the bytes written so far.
    package mutating func take() -> [UInt8] { writer.take() }

    package mutating func add(_ reported: ReportedSpawn) {
        writer.beginObject()
        writer.members(of: reported)
        writer.member("overhead_ns", reported.spawn.overhead)
        writer.member("comm", reported.callSite.comm)
        writer.member("stack", reported.callSite.stack)
        writer.member("ancestry", reported.ancestry)
        writer.member("session_id", origin.id)
        writer.member("session_host", origin.host)
        writer.member("session_start_wall_ns", origin.startWall)
        writer.member("session_recorder", origin.recorder)
        writer.endObject()
        writer.endLine()
    }

    package mutating func finish(_ facts: ExportFacts, _ write: ([UInt8]) -> Bool) { _ = write(take()) }
}
