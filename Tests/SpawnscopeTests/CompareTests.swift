import Glibc
import TestSupport
import Testing

extension ProgramRun {
    /// The output with its lines joined, since paths make them break anywhere.
    var plain: String { output.split(whereSeparator: { $0 == " " || $0 == "\n" }).joined(separator: " ") }
}

/// `compare` from outside, on recordings that every machine reads alike: two runs of one script that spawns 14 times and exits
/// with 5, and others.
@Suite struct CompareTests {
    private let directory = FoldDirectory()
    private let first = FoldDirectory.recording("again-1")
    private let second = FoldDirectory.recording("again-2")
    private let other = FoldDirectory.recording("session")

    private func compare(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun([PerfPrivileges.program, "compare"] + arguments)
    }

    // MARK: - Exit statuses

    @Test func equalCountsOfOneRunASide() throws {
        let run = try compare("--base", first, "--head", second, "--ignore-failure")
        #expect(run.status == 3 && run.output.contains("too few runs: 6 a side would do"))
        let counts = try compare("--base", first, "--head", second, "--ignore-failure", "--counts-only")
        #expect(counts.status == 0 && counts.output.contains("same: no gate changed"))
        #expect(counts.lines.filter { $0.hasSuffix("  same") }.count >= 5)
    }

    @Test func aCommandThatFailed() throws {
        let run = try compare("--base", first, "--head", second, "--counts-only")
        #expect(run.status == 3 && run.plain.contains("the command exited with 5"))
    }

    /// 7 spawns before, 14 after; and the other way round, which is not worse, and not comparable.
    @Test func changedCounts() throws {
        let worse = try compare("--base", other, "--head", first)
        #expect(worse.status == 1 && worse.output.contains("worse: spawns, execs, forked"))
        let better = try compare("--base", first, "--head", other, "--counts-only", "--ignore-failure")
        #expect(better.status == 3 && better.plain.contains("different commands"))
        let known = try compare(
            "--base", first, "--head", other, "--counts-only", "--ignore-failure", "--allow-different-machines")
        #expect(known.status == 0 && known.output.contains("better: spawns"))
    }

    @Test func theSameSessionOnBothSides() throws {
        let copy = directory.path + "/copy.data"
        try Compiler.write(try Compiler.bytes(first), to: copy)
        let run = try compare("--base", first, "--head", copy, "--ignore-failure", "--counts-only")
        #expect(run.status == 3 && run.plain.contains("is on both sides"))
        let twice = try compare(
            "--base", first, copy, "--head", second, second, "--ignore-failure", "--counts-only")
        #expect(twice.status == 3 && twice.plain.contains("is there twice"))
    }

    @Test func whatCannotBeRead() throws {
        let absent = try compare("--base", first, "--head", directory.path + "/absent.data")
        #expect(absent.status == 66 && absent.error.contains("no such file"))
        let foreign = directory.path + "/foreign"
        try Compiler.write(Array("hello, world, this is no session at all".utf8), to: foreign)
        #expect(try compare("--base", foreign, "--head", first).status == 65)
        let eventless = try compare("--base", first, "--head", FoldDirectory.recording("single"))
        #expect(eventless.status == 3 && eventless.error.contains("has no spawn events"))
        #expect(absent.output == "" && eventless.output == "")
    }

    /// The session is the file's last section but one, its schema's number one byte of it.
    @Test func aNewerSchema() throws {
        var bytes = try Compiler.bytes(first)
        let text = Array("spawnscope.session/1".utf8)
        for start in 0..<bytes.count - text.count where bytes[start..<start + text.count].elementsEqual(text) {
            bytes[start + text.count - 1] = UInt8(ascii: "2")
        }
        let newer = directory.path + "/newer.data"
        try Compiler.write(bytes, to: newer)
        let run = try compare("--base", newer, "--head", first)
        #expect(run.status == 65 && run.error.contains("written by a newer Spawnscope (spawnscope.session/2)"))
    }

    @Test func truncatedSessionsCannotTell() throws {
        let bytes = try Compiler.bytes(second)
        let cut = directory.path + "/cut.data"
        try Compiler.write(Array(bytes.prefix(bytes.count * 3 / 4)), to: cut)
        let run = try compare(
            "--base", first, "--head", cut, "--counts-only", "--ignore-failure", "--allow-different-machines")
        #expect(run.status == 3 && run.plain.contains("was cut short"))
    }

    @Test(arguments: [
        [], ["--base", "a"], ["--base", "a", "--head"], ["--base", "a", "--head", "b", "--runs", "3"],
        ["--base-command", "a"], ["--base", "a", "--head-command", "b"],
        ["--base-command", "a", "--head-command", "b", "--runs", "0"],
        ["--base", "a", "--head", "b", "--threshold", "0"], ["--base", "a", "--head", "b", "--threshold", "nan"],
        ["--base", "a", "--head", "b", "--gate", "nothing"],
        ["--base", "a", "--head", "b", "--gate", "program:x:duration"],
        ["--base", "a", "--head", "b", "--weight", "spawns"], ["--base", "a", "--head", "b", "c", "--fold"],
        ["--base", "a", "--head", "b", "--all", "--format", "json"], ["--base", "-", "--head", "b"],
    ])
    func wrongUsage(arguments: [String]) throws {
        let run = try ProgramRun([PerfPrivileges.program, "compare"] + arguments)
        #expect(run.status == 64 && run.output == "" && run.error.hasPrefix("Error: "))
    }

    // MARK: - Output

    @Test func noLineIsWiderThanTheTerminal() throws {
        for columns in [80, 97, 200] {
            for more in ["--counts-only", "--all"] {
                let run = try ProgramRun(
                    "env", "COLUMNS=\(columns)", PerfPrivileges.program, "compare", "--base", other, "--head", first,
                    more)
                #expect(run.lines.allSatisfy { $0.count <= columns }, "\(columns) \(more)")
                #expect(!run.output.contains("\u{1b}"))
            }
        }
    }

    @Test func jsonKeepsToItsSchema() throws {
        for (base, head) in [(first, second), (other, first), (FoldDirectory.recording("spawns"), other)] {
            let run = try compare("--base", base, "--head", head, "--format", "json", "--gate", "program:*:spawns")
            let script = """
                assert report["exit_status"] == \(run.status)
                assert report["verdict"] == {1: "worse", 3: "inconclusive", 0: "same"}[\(run.status)]
                assert all(m["verdict"] != "worse" for m in report["gates"]) == (\(run.status) != 1)
                assert all(len(m[side]["values"]) == report[side]["runs"] for m in report["gates"] for side in ("base", "head"))
                for kind in ("programs", "callsites"):
                    assert sum(s["share"] for s in report[kind]) < 1.000001
                    assert [s["share"] for s in report[kind]] == sorted((s["share"] for s in report[kind]), reverse=True)
                """
            #expect(
                try ReportChecker.problems(run.output, script, schema: "Comparison/compare", in: directory.path) == "")
        }
    }

    @Test func jUnitIsXML() throws {
        let run = try compare("--base", other, "--head", first, "--format", "junit")
        let path = directory.path + "/compare.xml"
        try Compiler.write(Array(run.output.utf8), to: path)
        let script = """
            import sys, xml.etree.ElementTree as tree
            root = tree.parse(sys.argv[1]).getroot()
            cases = {c.get("name"): c for c in root.iter("testcase")}
            assert cases["spawns"].find("failure").get("message") == "worse: base 7, head 14, +7", cases
            assert cases["failed attempts"].find("failure") is None
            assert cases["duration"].find("error") is not None and cases["sessions"].find("error") is not None
            assert root.get("failures") == "3" and root.get("tests") == str(len(cases)) == "8"
            """
        #expect(run.status == 1)
        #expect(try ProgramRun("/usr/bin/python3", "-c", script, path).error == "")
    }

    @Test func markdownIsATable() throws {
        let run = try compare("--base", other, "--head", first, "--format", "markdown")
        #expect(run.status == 1 && run.lines.first == "### Spawns: worse")
        #expect(run.output.contains(#"| spawns | 7 | 14 | \+7 |  | <b>worse</b> |"#))
    }

    /// As difffolded.pl has it: every stack of either side, the base's number, the head's.
    @Test func foldHasTwoColumns() throws {
        let run = try compare("--base", other, "--head", first, "--fold")
        #expect(run.status == 0)
        var expected: [String] = []
        for (session, form) in [(other, "%s %d 0"), (first, "%s 0 %d")] {
            for line in try directory.fold(session).lines {
                let parts = line.split(separator: " ")
                let stack = parts.dropLast().joined(separator: " ")
                expected.append(form == "%s %d 0" ? "\(stack) \(parts.last ?? "") 0" : "\(stack) 0 \(parts.last ?? "")")
            }
        }
        #expect(Set(run.lines.map(String.init)) == Set(expected) && run.lines.count == expected.count)
        let same = try compare("--base", first, "--head", second, "--fold", "--weight", "spawns")
        #expect(same.lines.allSatisfy { $0.split(separator: " ").count >= 3 } && !same.lines.isEmpty)
    }
}
