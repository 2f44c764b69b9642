internal import Presentation
package import SpawnStatistics

/// What is told of the session as a whole, wherever a format has a place for it.
package struct ExportFacts: Hashable, Sendable {
    package var command: [String] = []
    package var toolVersion: String
    package var origin = SessionOrigin()
    /// Nanoseconds; `nil` is not known.
    package var duration: UInt64?
    package var kernel: String?
    package var machine: String?
    /// What a reader must know of the numbers: losses, truncated stacks, a line each.
    package var remarks: [String] = []

    package init(toolVersion: String) { self.toolVersion = toolVersion }

    var title: String { command.isEmpty ? "spawns" : ForeignText.shown(command.joined(separator: " ")) }
}
