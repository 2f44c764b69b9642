/// A line of source code, as the debug information of a program tells it.
public struct SourceLine: Hashable, Sendable {
    /// A path as the compiler wrote it.
    public var file: String
    /// From 1.
    public var line: Int

    public init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    public var text: String { "\(file):\(line)" }

    /// Without directories.
    public var shortText: String { "\(file.split(separator: "/").last.map(String.init) ?? file):\(line)" }
}
