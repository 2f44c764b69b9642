import TestSupport
import Testing

/// Sessions of older versions and of perf hold command lines as they were typed: what is a secret in them is not shown.
@Suite struct ShownSecretTests {
    private let directory = FoldDirectory()

    private func run(_ arguments: [String]) throws -> ProgramRun {
        try ProgramRun([PerfPrivileges.program] + arguments)
    }

    private func session(_ argument: String, _ name: String = "s.data", host: String = "demo") throws -> String {
        try HostileSession(
            [HostileSession.argument: argument, HostileSession.host: host + "\0"], in: directory.path, name: name
        ).file
    }

    @Test(
        arguments: [
            "report", "report --format json", "info", "flamegraph", "export --format chrome",
            "export --format speedscope",
        ])
    func inEveryOutputThatHasTheCommand(command: String) throws {
        for (argument, shown) in [
            ("TOKEN=s3x", "TOKEN=•••"), ("--key=s3x", "--key=•••"), ("a://b:s3x@c", "a://b:•••@c"),
        ] {
            guard argument.utf8.count == 9 else { continue }
            let run = try run(command.split(separator: " ").map(String.init) + [try session(argument)])
            #expect(run.status == 0 && run.output.contains(shown), "\(command)")
            #expect(!run.output.contains("s3x"), "\(command)")
        }
    }

    @Test func inAProfileOfOthers() throws {
        let run = try directory.shell("${fold% fold} export --format pprof \"$1\" | gunzip", try session("TOKEN=s3x"))
        #expect(run.output.contains("TOKEN=•••") && !run.output.contains("s3x"))
    }

    @Test func inABudget() throws {
        let (session, file) = (try session("TOKEN=s3x"), directory.path + "/b.yml")
        #expect(try run(["budget", session, "--file", file, "--init", "--ignore-failure"]).status == 0)
        let text = String(decoding: try Compiler.bytes(file), as: UTF8.self)
        #expect(text.hasPrefix("# What may be spawned by: TOKEN=•••\n"))
        for format in ["text", "json"] {
            let run = try run(["budget", session, "--file", file, "--ignore-failure", "--format", format])
            #expect(run.output.contains("TOKEN=•••") && !run.output.contains("s3x"))
        }
    }

    /// A session that kept its secret is still of the same command as one that did not, and another command is another.
    @Test(arguments: ["text", "json", "markdown"])
    func inAComparison(format: String) throws {
        let base = try session("TOKEN=s3x", "base.data")
        func compare(_ argument: String) throws -> String {
            let head = try session(argument, "head.data", host: "dem2")
            let run = try run(["compare", "--format", format, "--base", base, "--head", head])
            #expect(!run.output.contains("s3x") && !run.output.contains("s4x"))
            return run.output
        }
        #expect(try !compare("TOKEN=s3x").contains("different commands"))
        #expect(try !compare("TOKEN=s4x").contains("different commands"))
        let other = try compare("./another")
        #expect(other.contains("different commands") && other.contains("TOKEN=•••") && other.contains("./another"))
    }
}
