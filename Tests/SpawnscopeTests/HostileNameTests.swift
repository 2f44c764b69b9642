import TestSupport
import Testing

/// Names that would forge lines, command terminals, run in spreadsheets or lead elsewhere, in every output of the built program.
@Suite struct HostileNameTests {
    private let directory = FoldDirectory()

    private func run(_ arguments: [String]) throws -> ProgramRun {
        try ProgramRun([PerfPrivileges.program] + arguments)
    }

    /// No line of a name's, and nothing that is not seen.
    private func expectHarmless(_ text: String, _ what: String) {
        let plain = text.replacing("\r\n", with: "\n")
        #expect(
            !plain.split(separator: "\n").contains { $0.hasPrefix("forged") || $0.hasPrefix("fo!") },
            "\(what): \(plain)")
        let bad = plain.unicodeScalars.filter {
            ($0.value < 0x20 && $0 != "\n") || $0.properties.generalCategory == .format || $0.value == 0x2028
        }
        #expect(bad.isEmpty, "\(what): \(bad)")
    }

    private func hostile() throws -> String {
        try HostileSession(
            [
                HostileSession.path: "/\nforged\u{202e}\u{61c}\u{200b}x",
                HostileSession.argument: "a\u{202e}b\u{2028}c",
                HostileSession.comm: "\nforged\0", HostileSession.host: "\nfo!\0",
            ], in: directory.path
        ).file
    }

    @Test(
        arguments: [
            "report", "report --all", "report --format json --spawns", "report --format csv", "fold",
            "fold --names perf --event task:task_newtask",
            "fold --weight overhead --frames ancestry,callsite,program,phase", "flamegraph",
            "export --format speedscope",
            "export --format folded", "export --format csv", "export --format ndjson", "export --format chrome", "info",
        ])
    func inEveryFormat(command: String) throws {
        let run = try run(command.split(separator: " ").map(String.init) + [try hostile()])
        #expect([0, 65].contains(run.status) && !(run.output + run.error).isEmpty)
        expectHarmless(run.output, command)
        expectHarmless(run.error, command)
    }

    /// Colours are ours alone.
    @Test(arguments: ["report --all", "report", "compare --all --base $2 --head"])
    func onATerminal(command: String) throws {
        let run = try directory.shell(
            "script -qec \"env NO_COLOR= TERM=xterm ${fold% fold} \(command) $1\" /dev/null", try hostile(),
            FoldDirectory.recording("session"))
        #expect(run.output.contains("\u{1b}[1m") && run.output.contains("\\u{a}forged"), "\(run.output)")
        expectHarmless(run.output.replacing(/\u{1b}\[[0-9]*m/, with: ""), command)
    }

    @Test func inAProfileOfOthers() throws {
        let run = try directory.shell("${fold% fold} export --format pprof \"$1\" | gunzip", try hostile())
        #expect(run.output.contains("\\u{a}forged\\u{202e}\\u{61c}\\u{200b}x"))
        #expect(!run.output.contains("\u{202e}") && !run.output.contains("\u{200b}"))
    }

    @Test(arguments: ["text", "json", "markdown", "junit"])
    func inAComparison(format: String) throws {
        let run = try run(
            ["compare", "--format", format, "--base", FoldDirectory.recording("session"), "--head", try hostile()]
                + (format == "text" ? ["--all"] : []))
        #expect(run.output.contains(format == "json" ? "\\u000a" : "\\u{a}"), "\(run.output)")
        expectHarmless(run.output, format)
        expectHarmless(run.error, format)
    }

    /// A budget made of such names says what they are, is read again, and tells who is over it.
    @Test func inABudget() throws {
        let (session, file) = (try hostile(), directory.path + "/b.yml")
        #expect(try run(["budget", session, "--file", file, "--init", "--ignore-failure"]).status == 0)
        expectHarmless(String(decoding: try Compiler.bytes(file), as: UTF8.self), "the file")
        #expect(try run(["budget", session, "--file", file, "--ignore-failure"]).status == 0)
        #expect(try directory.shell("sed -i 's/spawns: [0-9]*$/spawns: 0/' b.yml").status == 0)
        for format in ["text", "json", "markdown", "junit"] {
            let run = try run(["budget", session, "--file", file, "--ignore-failure", "--format", format])
            #expect(run.status == 1 && run.output.contains("forged"))
            expectHarmless(run.output, format)
        }
        let update = try run(["budget", session, "--file", file, "--ignore-failure", "--update"])
        #expect(update.status == 0 && update.output.hasPrefix("---"))
        expectHarmless(update.output + update.error, "the difference")
    }

    /// The words of a command line are as foreign as any.
    @Test(
        arguments: [
            ["fold", "x\nforged"], ["report", "x\rforged\nforged"], ["info", "\u{202e}\nforged"],
            ["pack", "x\nforged"],
            ["budget", "--file", "x\nforged"], ["compare", "--base", "x\nforged", "--head", "y"],
            ["flamegraph", "--base", "x\nforged", "y"], ["export", "--format", "csv", "x\u{2028}\u{85}\nforged"],
            ["fold", "--x\nforged"], ["fold", "a", "b\nforged"], ["fold", "--weight", "a\nforged"],
            ["fold", "--frames", "a\nforged"],
            ["report", "--format", "a\nforged"], ["report", "--from", "a\nforged"], ["x\nforged"],
            ["record", "--duration", "a\nforged"],
            ["record", "--x\nforged"], ["record", "-p", "a\nforged"], ["record", "--probe", "a\nforged"],
            ["record", "--redact", "(\nforged", "--", "true"], ["help", "a\nforged"],
        ])
    func inMessagesOfWhatIsWrong(arguments: [String]) throws {
        let run = try run(arguments)
        #expect(run.status != 0 || arguments[0] == "help")
        expectHarmless(run.error, "\(arguments)")
    }

    /// Line breaks of our own stay.
    @Test func aListOfValuesIsStillAList() throws {
        let run = try run(["fold", "--weight", "a\nforged"])
        #expect(
            run.status == 64
                && run.error.hasPrefix("Error: The value 'a\\u{a}forged' is invalid for '--weight <weight>'"))
        #expect(
            run.error.contains("one of the following:\n  - spawns\n  - ")
                && run.error.contains("\nUsage: spawnscope fold"))
    }

    @Test(arguments: [
        "=HYPERLINK(\"//a\")", "+cmd|' /C calc'!A", "-1+2+cmd|'x'!A11", "@SUM(A1:A2)*1000", "=1+1;=2+2;@x;-ab",
    ])
    func noCellRuns(path: String) throws {
        let padded = path + String(repeating: "x", count: 17 - path.utf8.count)
        let session = try HostileSession(
            [HostileSession.path: padded, HostileSession.comm: "=1+2+3x\0"], in: directory.path)
        for command in [["report", "--format", "csv"], ["export", "--format", "csv"]] {
            let run = try run(command + [session.file])
            let script = """
                assert len(rows) == 7
                for row in rows:
                    for key, cell in row.items():
                        if key.endswith("_ns") or key in ("status", "signal"): continue
                        for part in cell.split(";"): assert part.lstrip()[:1] not in tuple("=+-@\\t\\r"), (key, cell)
                assert any("'" + \("'''\(padded.prefix(1))'''") in row["path"] for row in rows)
                """
            #expect(try ReportChecker.problems(csv: run.output, script, in: directory.path) == "")
        }
    }

    @Test func noNameIsALink() throws {
        let session = try HostileSession(
            [
                HostileSession.path: "https://evil.ex/x", HostileSession.argument: "www.ev.ex",
                HostileSession.comm: "@evil#1\0",
            ],
            in: directory.path
        ).file
        let file = directory.path + "/b.yml"
        #expect(try run(["budget", session, "--file", file, "--init", "--ignore-failure"]).status == 0)
        #expect(try directory.shell("sed -i 's/spawns: [0-9]*$/spawns: 0/' b.yml").status == 0)
        let budget = try run(["budget", session, "--file", file, "--ignore-failure", "--format", "markdown"])
        let comparison = try run(
            ["compare", "--format", "markdown", "--base", FoldDirectory.recording("session"), "--head", session])
        #expect(comparison.output.contains("www<span></span>.ev.ex"))
        for text in [budget.output, comparison.output] {
            #expect(text.contains("https:<span></span>//evil.ex/x") && text.contains("@<span></span>evil"))
            #expect(!text.contains("://") && !text.contains("www.") && !text.contains("@evil") && !text.contains("#1"))
        }
    }
}
