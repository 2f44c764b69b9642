/// The programs that a process executed one after the other, as one text.
package enum ProgramChain {
    package static let separator = " › "

    /// The whole path of a single program; only the file names of several, since their paths would fill the line.
    package static func text(_ programs: [String]) -> String {
        guard programs.count > 1 else { return programs.first ?? "[unknown]" }
        return programs.map(name).joined(separator: separator)
    }

    /// The last part of a path.
    package static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
