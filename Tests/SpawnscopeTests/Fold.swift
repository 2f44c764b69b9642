import Glibc
import TestSupport

/// Runs of the built program's `fold`, in a directory of their own.
final class FoldDirectory {
    let path: String

    init() {
        var template = Array("/tmp/spawnscope-fold-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { _ = try? ProgramRun("rm", "-r", path) }

    /// A small recording of stock perf: samples of `cpu-clock:u`.
    static let recording = recording("single")

    static func recording(_ name: String) -> String {
        Recording.path("\(name).data")
    }

    func fold(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun([PerfPrivileges.program, "fold"] + arguments)
    }

    /// A shell script in which `$fold` folds, `$recording` is the recording, and the directory is this one.
    func shell(_ script: String, _ arguments: String...) throws -> ProgramRun {
        let setup = "fold=\"$1 fold\"; recording=$2; cd \"$3\"; shift 3\n"
        return try ProgramRun(
            ["bash", "-c", setup + script, "bash", PerfPrivileges.program, Self.recording, path] + arguments)
    }
}
