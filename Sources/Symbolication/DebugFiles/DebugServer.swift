internal import Glibc
internal import LinuxSystem

/// Debug files by build ID, asked for where this machine has none; each once.
package final class DebugServer {
    /// The descriptor of a file, or `nil` where no server has it.
    private let find: (_ buildID: [UInt8], _ isProgram: Bool) -> OwnedDescriptor?
    private var answers: [Question: Int32?] = [:]
    /// How many files were asked for, and how many of them came.
    package private(set) var asked = 0
    package private(set) var found = 0

    private struct Question: Hashable {
        var buildID: [UInt8]
        var isProgram: Bool
    }

    /// They are open as long as this lives, and no more of them.
    private static let mostOpen = 256

    /// Asks as `FileAccess` does: in a worker its parent, who has others look into the network.
    package init() {
        find = { buildID, isProgram in
            try? FileAccess.open(.debugFile(buildID: buildID, isProgram: isProgram))
        }
    }

    deinit {
        for case let number? in answers.values { close(number) }
    }

    /// What leads to a file with the debug information of a build; `nil` where no server has it.
    func debugFile(buildID: [UInt8]) -> String? { path(Question(buildID: buildID, isProgram: false)) }

    /// A path of the program or library itself; `nil` where no server has it.
    func executable(buildID: [UInt8]) -> String? { path(Question(buildID: buildID, isProgram: true)) }

    private func path(_ question: Question) -> String? {
        if let known = answers[question] { return known.map { "/proc/self/fd/\($0)" } }
        asked += 1
        var number: Int32?
        if found < Self.mostOpen, let file = find(question.buildID, question.isProgram) { number = file.release() }
        answers[question] = .some(number)
        if number != nil { found += 1 }
        return number.map { "/proc/self/fd/\($0)" }
    }
}
