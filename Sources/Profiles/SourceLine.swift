/// A line of source code, as the debug information of a program tells it.
package struct SourceLine: Hashable, Sendable {
    /// As many lines are kept of one function.
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

    /// Without directories.
    package var shortText: String { "\(file.split(separator: "/").last.map(String.init) ?? file):\(line)" }
}
