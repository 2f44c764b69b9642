/// A line of source code, from a program's debug information.
package struct SourceLine: Hashable, Sendable {
    /// At most this many lines are kept for one function.
    package static let mostOfOneFunction = 8

    /// A path as the compiler wrote it.
    package var file: String
    /// From 1.
    package var line: Int

    package init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    package var text: String { "\(file):\(line)" }

    /// The text without the directories of `file`.
    package var shortText: String { "\(file.split(separator: "/").last.map(String.init) ?? file):\(line)" }
}
