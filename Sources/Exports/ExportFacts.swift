internal import Presentation

/// What is told of the session as a whole, wherever a format has a place for it.
public struct ExportFacts: Hashable, Sendable {
    public var command: [String] = []
    public var toolVersion: String
    /// Nanoseconds since 1970, and of the session; `nil` is not known.
    public var startTime: UInt64?
    public var duration: UInt64?
    public var kernel: String?
    public var machine: String?
    /// What a reader must know of the numbers: losses, truncated stacks, a line each.
    public var remarks: [String] = []

    public init(toolVersion: String) { self.toolVersion = toolVersion }

    var title: String { command.isEmpty ? "spawns" : ForeignText.shown(command.joined(separator: " ")) }
}
