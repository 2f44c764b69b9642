import Glibc
import TestSupport
import Testing

/// Where `compare` keeps what it records: a directory of the user's own, and in it nothing that somebody else has put there.
@Suite(.enabled(if: PerfPrivileges.available), .serialized) struct PrivilegedRunDirectoryTests {
    private let directory = FoldDirectory()
    private var victim: String { directory.path + "/victim" }
    private var sessions: String { directory.path + "/sessions" }

    init() throws { try Compiler.write(Array("precious\n".utf8), to: victim) }

    private func compare(_ sessions: String) throws -> ProgramRun {
        try ProgramRun(
            PerfPrivileges.program, "compare", "--counts-only", "--runs", "1", "--warmup", "0", "--base-command",
            "/bin/true", "--head-command", "/bin/true", "--output-dir", sessions)
    }

    private func prepare(_ script: String) throws {
        let run = try ProgramRun("/bin/sh", "-c", "set -e; cd \"$1\"; \(script)", "sh", directory.path)
        try #require(run.status == 0, "\(run.error)")
    }

    private func list(_ path: String) throws -> [Substring] { try ProgramRun("ls", "-A", path).lines }

    /// Nothing is recorded, and nothing is written to.
    private func refused(_ path: String, _ reason: String) throws {
        let before = try list(directory.path)
        let run = try compare(path)
        #expect(run.status == 73 && run.output == "", "\(run.error)")
        #expect(run.error.contains(reason) && run.error.contains("--output-dir"), "\(run.error)")
        #expect(try Compiler.bytes(victim) == Array("precious\n".utf8))
        #expect(try list(directory.path) == before)
    }

    @Test func itIsMadeForItsUserAlone() throws {
        #expect(try compare(sessions).status == 0)
        var status = stat()
        #expect(stat(sessions, &status) == 0 && status.st_mode & 0o777 == 0o700)
        let names = ["base-1.data", "base-1.data.log", "head-1.data", "head-1.data.log"]
        #expect(try list(sessions).map(String.init) == names)
        for name in names {
            #expect(lstat("\(sessions)/\(name)", &status) == 0 && status.st_mode & 0o7777 == 0o600, "\(name)")
        }
    }

    @Test func anotherUsersDirectory() throws {
        try prepare("mkdir sessions; ln -s \"$1/victim\" sessions/base-1.data.log; chown -h nobody sessions sessions/*")
        try refused(sessions, "belongs to another user (uid 65534)")
    }

    @Test(arguments: ["0770", "0707", "1777"]) func aDirectoryThatOthersWriteTo(mode: String) throws {
        try prepare("mkdir sessions; chmod \(mode) sessions")
        try refused(sessions, "others may write to it")
    }

    @Test func aLink() throws {
        try prepare("mkdir real; ln -s real sessions")
        for name in [sessions, sessions + "/", sessions + "//"] { try refused(name, "symbolic link") }
        #expect(try list(directory.path + "/real").isEmpty)
    }

    @Test func noDirectory() throws {
        try prepare("mkfifo sessions")
        try refused(sessions, "is no directory")
    }

    /// Names of a run that are there already belong to another: this one gets a directory of its own.
    @Test(arguments: ["ln -s \"$1/victim\"", "mkfifo", "ln \"$1/victim\"", "mkdir"])
    func whatIsThereIsLeftAlone(making: String) throws {
        try prepare("mkdir -m 700 sessions; cd sessions; for n in base-1.data base-1.data.log; do \(making) $n; done")
        let before = try ProgramRun("ls", "-lin", sessions).output
        let run = try compare(sessions)
        #expect(run.status == 0 && run.error.contains("2 sessions are in \(sessions)/2"), "\(run.error)")
        #expect(try Compiler.bytes(victim) == Array("precious\n".utf8))
        try prepare("mv sessions/2 two")
        #expect(
            try ProgramRun("ls", "-lin", sessions).output.split(separator: "\n").dropFirst().elementsEqual(
                before.split(separator: "\n").dropFirst()))
        #expect(try list(directory.path + "/two").count == 4)
    }

    @Test func runsNeverMix() throws {
        for run in ["", "/2", "/3"] {
            let said = try compare(sessions).error
            #expect(said.contains("2 sessions are in \(sessions)\(run)\n"), "\(said)")
        }
        // As docs/guide/compare.md has it, with the first run's files.
        let again = try ProgramRun(
            "/bin/sh", "-c", "\"$0\" compare --base \"$1\"/base-*.data --head \"$1\"/head-*.data --counts-only",
            PerfPrivileges.program, sessions)
        #expect(again.status == 0, "\(again.error)")
    }

    /// A number that is taken, by a link too, is passed over.
    @Test func takenNumbers() throws {
        try prepare("mkdir -m 700 sessions; ln -s \"$1\" sessions/2; : >sessions/3")
        #expect(try compare(sessions).error.contains("2 sessions are in \(sessions)/4\n"))
    }

    /// By sudo the directory is the caller's, and so is what is in it.
    @Test func bySudoItIsTheCallers() throws {
        let user = try TestUser(sudo: true)
        let command =
            "sudo -n $program compare --counts-only --runs 1 -u $n --base-command 'sh -c /bin/true' "
            + "--head-command 'sh -c \"id -u; /bin/true\"' --ignore-failure"
        for run in ["spawnscope-compare", "spawnscope-compare/2"] {
            let said = try user.shell(command)
            #expect(said.error.contains("2 sessions are in \(run)\n"), "\(said.error)")
            var status = stat()
            #expect(stat("\(user.home)/\(run)", &status) == 0 && status.st_uid == user.uid)
            #expect(stat("\(user.home)/\(run)/base-1.data.log", &status) == 0 && status.st_uid == user.uid)
        }
        // Of a third user it is not.
        let other = try user.shell("sudo -n chown nobody spawnscope-compare; \(command)")
        #expect(other.status == 73 && other.error.contains("belongs to another user (uid 65534)"), "\(other.error)")
    }
}
