import TestSupport
import Testing

/// `fold` as people use it: the result on standard output and nothing else anywhere.
@Suite struct FoldTests {
    private let directory = FoldDirectory()

    /// A file gives the same lines by every way in.
    @Test(
        arguments: [
            "$fold \"$recording\"", "$fold - <\"$recording\"", "cat \"$recording\" | $fold -",
            "cp \"$recording\" spawnscope.data; $fold", "mkfifo f; cat \"$recording\" >f & $fold f",
            "$fold <(cat \"$recording\")", "ln -s \"$recording\" link; $fold link", "$fold -- \"$recording\"",
            // Bytes of a pipe come as they please.
            "{ head -c 5; sleep 0.05; cat; } <\"$recording\" | $fold -",
        ])
    func theSameFileByEveryWayIn(script: String) throws {
        let expected = try directory.fold(FoldDirectory.recording)
        #expect(expected.status == 0 && expected.isQuiet && expected.lines.count == 4)
        let run = try directory.shell(script)
        #expect(run.status == 0 && run.isQuiet && run.output == expected.output)
    }

    @Test func spawnsAreFoldedWithoutOptions() throws {
        let path = FoldDirectory.recording("session")
        let run = try directory.fold(path)
        #expect(run.status == 0 && run.isQuiet)
        #expect(run.lines.contains { $0.hasSuffix(";/tmp/demo/spawner 4") })
        #expect(
            try directory.fold("--frames", "program", path).output == "/tmp/demo/spawner 5\n[failed] 1\n[forked] 1\n")
        #expect(try directory.fold("--frames", "program,ancestry", path).lines.last == "[forked];spawner 1")
    }

    @Test func aSessionWithoutSamplesSaysSo() throws {
        let run = try directory.fold("--weight", "samples", FoldDirectory.recording("session"))
        #expect(run.status == 0 && run.output == "")
        #expect(run.error.contains("has no samples of its workload (record them with --sample HZ)"))
    }

    @Test func eventsByTheirNames() throws {
        let path = FoldDirectory.recording("several")
        let perf = try directory.fold("--event", "task-clock:u", "--names", "perf", path)
        #expect(perf.status == 0 && perf.isQuiet && perf.lines.count == 4)
        // Without its modifiers, too.
        #expect(try directory.fold("--event", "task-clock", "--names", "perf", path).output == perf.output)
        #expect(
            try directory.fold("--event", "task-clock", "--weight", "samples", path).lines.allSatisfy {
                !$0.contains("000")
            })
    }

    // MARK: - Help

    @Test func version() throws {
        let run = try ProgramRun(PerfPrivileges.program, "--version")
        #expect(run.status == 0 && run.error == "")
        #expect(run.output.split(separator: ".").count == 3)
    }

    @Test(arguments: [[], ["record"], ["report"], ["fold"], ["flamegraph"], ["info"], ["doctor"]])
    func help(command: [String]) throws {
        let run = try ProgramRun([PerfPrivileges.program] + command + ["--help"])
        #expect(run.status == 0 && run.error == "")
        #expect(run.output.contains("USAGE: spawnscope"))
        #expect(try ProgramRun([PerfPrivileges.program, "help"] + command).output == run.output)
    }

    /// Every example of the help is understood: with no session there, it fails for that alone.
    @Test func theExamplesParse() throws {
        let help = try directory.fold("--help")
        let examples = help.lines.filter { $0.hasPrefix("  spawnscope fold") }
        #expect(examples.count >= 5)
        for example in examples {
            let words = example.split(separator: " ").dropFirst(2).prefix { $0 != "|" && $0 != ">" }
            let run = try directory.shell("exec $fold \(words.joined(separator: " "))")
            #expect(run.status == 66 && run.error.contains("no such file"), "\(example)")
        }
    }

    @Test func unknownCommands() throws {
        let run = try ProgramRun(PerfPrivileges.program, "flod")
        #expect(run.status == 64 && run.output == "" && run.error.hasPrefix("Error: "))
    }
}
