import Glibc
import TestSupport
import Testing

/// Recordings by the built program, and their call sites.
final class CallSites {
    let session = SessionDirectory()
    private let programs = FoldDirectory()

    var directory: String { programs.path }

    func workload(_ name: String, _ build: Workload.Build = .bare) throws -> String {
        try Workload.build(name, build, in: directory)
    }

    func record(_ command: [String], options: [String] = []) throws {
        let run = try ProgramRun(
            [PerfPrivileges.program, "record", "-o", session.session] + options + ["--"] + command)
        try #require(run.status == 0, "\(run.error)")
    }

    func fold(_ file: String? = nil) throws -> ProgramRun {
        let run = try ProgramRun(PerfPrivileges.program, "fold", "--frames", "callsite", file ?? session.session)
        try #require(run.status == 0, "\(run.error)")
        return run
    }

    /// The call sites of a command that makes `spawns` spawns: all whole, and nothing said.
    func whole(_ spawns: Int, _ command: [String]) throws -> [Site] {
        try record(command)
        let fold = try fold()
        #expect(fold.error == "")
        let sites = Site.all(fold)
        #expect(sites.allSatisfy { !$0.isTruncated }, "\(fold.output)")
        #expect(sites.map(\.count).reduce(0, +) == spawns, "\(fold.output)")
        return sites
    }

    /// A folded line.
    struct Site {
        /// Outermost first.
        var frames: [String]
        var count: Int

        var isTruncated: Bool { frames.first == "[truncated]" }

        static func all(_ fold: ProgramRun) -> [Site] {
            fold.lines.map { line in
                let words = line.split(separator: " ")
                let frames = words.dropLast().joined(separator: " ").split(separator: ";").map(String.init)
                return Site(frames: frames, count: words.last.flatMap { Int($0) } ?? 0)
            }
        }

        /// Whether it begins and ends so.
        func spans(_ outermost: [String], _ innermost: [String]) -> Bool {
            frames.count >= outermost.count + innermost.count && Array(frames.prefix(outermost.count)) == outermost
                && Array(frames.suffix(innermost.count)) == innermost
        }
    }
}
