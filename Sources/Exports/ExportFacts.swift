internal import Presentation
package import SpawnStatistics

/// Facts about the whole session, written wherever a format has a place for them.
package struct ExportFacts: Hashable, Sendable {
    package var command: [String] = []
    package var toolVersion: String
    package var origin = SessionOrigin()
    /// Nanoseconds; `nil` if not known.
    package var duration: UInt64?
    package var kernel: String?
    package var machine: String?
    /// Remarks on the numbers, such as losses and truncated stacks, one line each.
    package var remarks: [String] = []

    package init(toolVersion: String) { self.toolVersion = toolVersion }

    var title: String { command.isEmpty ? "spawns" : ForeignText.shown(command.joined(separator: " ")) }
}
