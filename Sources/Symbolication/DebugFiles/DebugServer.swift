internal import Glibc
internal import LinuxSystem

/// Gets debug files that this machine lacks from servers, by build ID; each is requested once.
package final class DebugServer {
    /// Returns the descriptor of a file; `nil` if no server has it.
    private let find: (_ buildID: [UInt8], _ isProgram: Bool) -> OwnedDescriptor?
    private var answers: [Question: Int32?] = [:]
    /// How many files were requested, and how many of them were found.
    package private(set) var asked = 0
    package private(set) var found = 0

    private struct Question: Hashable {
        var buildID: [UInt8]
        var isProgram: Bool
    }

    /// Files stay open as long as this object exists, so no more than this many are kept.
    private static let mostOpen = 256

    /// Asks through `FileAccess`: a worker asks its parent, which has another process use the network.
    package init() {
        find = { buildID, isProgram in
            try? FileAccess.open(.debugFile(buildID: buildID, isProgram: isProgram))
        }
    }

    deinit {
        for case let number? in answers.values { close(number) }
    }

    /// A path to a file with the debug information of a build; `nil` if no server has it.
    func debugFile(buildID: [UInt8]) -> String? { path(Question(buildID: buildID, isProgram: false)) }

    /// A path to the program or library itself; `nil` if no server has it.
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
