import TestSupport
import Testing

/// `budget` on a recording of seven spawns: five of /tmp/demo/spawner, four of them by `build`, one failed, one fork.
@Suite struct BudgetTests {
    private let directory = BudgetDirectory()
    private let session = FoldDirectory.recording("session")

    private func expect(_ run: ProgramRun, status: Int32, error: String) {
        #expect(run.status == status && run.output == "", "\(run.status) \(run.output)")
        #expect(run.error.hasPrefix("spawnscope: ") && run.error.contains(error), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1, "\(run.error)")
    }

    @Test func writtenFromASessionItIsWithin() throws {
        let written = try directory.budget(session, "--init", "--ignore-failure")
        #expect(written.status == 0 && written.output == "" && written.error.contains("budget.yml: written"))
        let run = try directory.budget(session, "--ignore-failure")
        #expect(run.status == 0 && run.error == "", "\(run.output)\(run.error)")
        #expect(run.lines.first == "./spawner" && run.lines.last?.hasPrefix("within budget: ") == true)
        #expect(run.lines.contains { $0.hasPrefix("whole run  ") && $0.hasSuffix("  ok") })
        // Never over an existing one.
        let text = try directory.text()
        expect(try directory.budget(session, "--init"), status: 73, error: "is there already")
        #expect(try directory.text() == text)
    }

    /// The spawns that are not in the budgets are named by what asked for them.
    @Test func overABudget() throws {
        try directory.write(
            "- {name: all, spawns: 5}\n- {name: demo, program: spawner, spawns: 5}\n- {name: build, callsite: '[spawner]', spawns: 7}"
        )
        let run = try directory.budget(session)
        #expect(run.status == 1 && run.error == "", "\(run.output)\(run.error)")
        #expect(run.output.contains("OVER +2") && run.output.contains(", starting [failed]\n"), "\(run.output)")
        #expect(run.lines.last?.hasPrefix("over budget: 1 of 9 limits exceeded (/") == true, "\(run.output)")
    }

    @Test(arguments: ["- {name: all, spawns: 1}", "- {name: all, spawns: 99, p99: {exec: 1ns, link: 1s}}"])
    func everyFormatKeepsToItsRules(budgets: String) throws {
        try directory.write(budgets)
        let json = try directory.budget(session, "--format", "json")
        let checks = """
            assert report["verdict"] == "over" and report["budgets"][0]["line"] == 3
            over = [l for l in report["budgets"][0]["limits"] if l["verdict"] == "over"]
            assert len(over) == 1 and over[0]["actual"] > over[0]["at_most"]
            assert over[0]["unit"] == "ns" or sum(c["amount"] for c in over[0]["causes"]) + over[0]["elsewhere"] == 7
            assert all(c["telling_frames"] == [f for f in c["stack"] if f in c["telling_frames"]] for c in over[0]["causes"])
            """
        #expect(json.status == 1 && json.error == "")
        #expect(
            try ReportChecker.problems(json.output, checks, schema: "Budgets/budget-verdict", in: directory.path) == "")
        let junit = try directory.budget(session, "--format", "junit")
        try Compiler.write(Array(junit.output.utf8), to: directory.path + "/junit.xml")
        let script = """
            import sys, xml.etree.ElementTree as tree
            root = tree.parse(sys.argv[1]).getroot()
            assert root.tag == "testsuites" and root.get("failures") == "1", root.attrib
            failed = [c for c in root.iter("testcase") if c.find("failure") is not None]
            assert [c.get("classname") for c in failed] == ["all"]
            assert "at most" in failed[0].find("failure").get("message") and " from " in failed[0].find("failure").text
            """
        let read = try ProgramRun("/usr/bin/python3", "-c", script, directory.path + "/junit.xml")
        #expect(junit.status == 1 && read.status == 0, "\(read.error)")
        let markdown = try directory.budget(session, "--format", "markdown")
        #expect(markdown.status == 1 && markdown.output.hasPrefix("### ❌ Spawn budget\n"))
        #expect(markdown.lines.contains("| budget | limit | actual | at most | verdict |"))
    }

    /// What a recording of perf's has not is not known; what it has is counted.
    @Test func aSessionThatDoesNotTell() throws {
        let perf = FoldDirectory.recording("spawns")
        try directory.write("- {name: all, spawns: 7, failed_attempts: 9}")
        let run = try directory.budget(perf)
        #expect(run.status == 3 && run.output.contains("cannot tell whether it is within budget: the session has no"))
        let json = try directory.budget(perf, "--format", "json")
        let check = "assert report['verdict'] == 'unknown' and 'actual' not in report['budgets'][0]['limits'][1]"
        #expect(
            try ReportChecker.problems(json.output, check, schema: "Budgets/budget-verdict", in: directory.path) == "")
        expect(try directory.budget(perf, "--update"), status: 3, error: "is left as it is")
        try directory.write("- {name: all, spawns: 6}")
        #expect(try directory.budget(perf).status == 1)
    }

    @Test(arguments: ["single", "tracepoint"])
    func aSessionWithoutSpawnEvents(name: String) throws {
        try directory.write("- {name: all, spawns: 1}")
        for options in [[], ["--update"], ["--format", "json"]] {
            let run = try ProgramRun(
                [PerfPrivileges.program, "budget", FoldDirectory.recording(name), "--file", directory.file] + options)
            expect(run, status: 3, error: "has no spawn events")
        }
    }

    /// Half a session is never within its budget, but over it what is there may well be.
    @Test func aSessionThatIsCutOff() throws {
        let cut = directory.path + "/cut.data"
        let bytes = try Compiler.bytes(session)
        try Compiler.write(Array(bytes[..<(bytes.count * 9 / 10)]), to: cut)
        try directory.write("- {name: all, spawns: 1000}\n- {name: none, program: none, spawns: 3}")
        let run = try directory.budget(cut)
        #expect(run.status == 3 && run.output.contains("cut short"), "\(run.output)\(run.error)")
        try directory.write("- {name: all, spawns: 0}")
        #expect(try directory.budget(cut).status == 1)
        #expect(try directory.budget(cut, "--update").status == 3)
        #expect(try directory.text().contains("spawns: 0"))
    }

    @Test func updateSetsNumbersAndShowsThem() throws {
        try directory.write(
            "- name: all # kept\n  spawns:   100  # was 100\n  execs: 5\n- {program: spawner, spawns: 1, name: x}")
        let before = try directory.text()
        let run = try directory.budget(session, "--update")
        #expect(run.status == 0 && run.error == "", "\(run.error)")
        let expected = before.replacing("spawns:   100", with: "spawns:   7").replacing(
            "spawns: 1,", with: "spawns: 5,")
        #expect(try directory.text() == expected)
        #expect(
            run.lines.filter { $0.hasPrefix("-") || $0.hasPrefix("+") }.dropFirst(2).map(String.init) == [
                "-  spawns:   100  # was 100", "+  spawns:   7  # was 100", "-- {program: spawner, spawns: 1, name: x}",
                "+- {program: spawner, spawns: 5, name: x}",
            ])
        #expect(try directory.budget(session).status == 0)
        let again = try directory.budget(session, "--update")
        #expect(again.status == 0 && again.output == "" && again.error.contains("are those of the session already"))
    }

    /// The file's mode stays, and a link stays a link.
    @Test func updateKeepsWhatTheFileIs() throws {
        try directory.write("- {name: all, spawns: 100}")
        let run = try directory.programs.shell(
            """
            chmod 640 budget.yml; ln -s budget.yml link.yml
            ${fold% fold} budget "$1" --file link.yml --update >/dev/null && stat -c %a budget.yml && readlink link.yml && ls
            """, session)
        #expect(run.lines == ["640", "budget.yml", "budget.yml", "link.yml"], "\(run.output)\(run.error)")
    }

    @Test func mistakesInTheFile() throws {
        for (budgets, error) in [
            ("- {name: all, spawn: 1}", "budget.yml:3:15: unknown key 'spawn'"),
            ("- {name: all, spawns: many}", "budget.yml:3:23: spawns: 'many' is no whole number"),
            ("- {name: all, spawns: 1", "budget.yml:"),
        ] {
            try directory.write(budgets)
            expect(try directory.budget(session), status: 65, error: error)
        }
        try directory.write("- {name: gone, program: ninja, spawns: 0}")
        #expect(try directory.budget(session).status == 0)
    }

    /// Within, with a warning; a mistake where one asks for that, and the verdict is printed all the same.
    @Test func aBudgetThatMatchesNothing() throws {
        try directory.write("- {name: all, spawns: 9}\n- {name: gone, program: ninja, spawns: 1}")
        let run = try directory.budget(session)
        #expect(run.status == 0 && run.error == "", "\(run.output)\(run.error)")
        #expect(run.lines.contains { $0.hasPrefix("gone  ") && $0.contains("  0 ") && $0.hasSuffix("  ok") })
        #expect(run.output.contains("    warning: budget 'gone' matches no spawn"))
        let strict = try directory.budget(session, "--strict-selectors", "--format", "json")
        #expect(strict.status == 65 && strict.error.contains("budget.yml:4:3: budget 'gone' matches no spawn"))
        let check = "assert report['verdict'] == 'within' and report['budgets'][1]['matches_nothing'], report"
        #expect(
            try ReportChecker.problems(strict.output, check, schema: "Budgets/budget-verdict", in: directory.path) == ""
        )
        try directory.write("- {name: all, spawns: 9}\n- {name: demo, program: spawner, spawns: 9}")
        #expect(try directory.budget(session, "--strict-selectors").status == 0)
    }

    /// In block and in flow style, comments between them stay; what shares its line with others is for a person.
    @Test func updateTakesOutWhatIsGone() throws {
        try directory.write(
            """
            - name: all
              spawns: 7
              # Programs
            - name: gone
              program: ninja  # of old

              spawns: 3
              p99:
                exec: 2s
            # Kept
            - {name: demo, program: spawner, spawns: 9}
            - {name: off,
               callsite: nowhere, spawns: 1}
            - name: last
              program: cc
              spawns: 1
            """)
        let run = try directory.budget(session, "--update")
        #expect(run.status == 0 && run.error == "", "\(run.error)")
        let expected = """
            schema: spawnscope.budget/1
            budgets:
            - name: all
              spawns: 7
              # Programs
            # Kept
            - {name: demo, program: spawner, spawns: 5}

            """
        #expect(try directory.text() == expected)
        #expect(
            run.output.contains("\n@@ -3,16 +3,5 @@\n")
                && run.output.contains("\n-- name: gone\n-  program: ninja  # of old\n"))
        try Compiler.write(
            Array(
                "{schema: spawnscope.budget/1, budgets: [{name: all, spawns: 8}, {name: gone, program: no, spawns: 1}]}\n"
                    .utf8), to: directory.file)
        let shared = try directory.budget(session, "--update")
        #expect(shared.status == 0 && shared.error.contains("budget 'gone' matches no spawn: remove it by hand"))
        #expect(try directory.text().contains("{name: all, spawns: 7}, {name: gone"))
    }

    @Test func filesThatCannotBeReadOrWritten() throws {
        expect(try directory.budget(session), status: 66, error: "budget.yml: No such file or directory; write one")
        try directory.write("- {name: all, spawns: 1}")
        expect(try directory.budget("/nosuch.data"), status: 66, error: "/nosuch.data: no such file")
        expect(try directory.budget("/dev/null"), status: 66, error: "/dev/null")
        expect(try directory.budget(directory.file), status: 65, error: "is no perf.data file")
        let into = try ProgramRun(
            PerfPrivileges.program, "budget", session, "--file", directory.path + "/none/b.yml", "--init")
        expect(into, status: 73, error: "none/b.yml: No such file")
        let folder = try ProgramRun(PerfPrivileges.program, "budget", session, "--file", directory.path)
        expect(folder, status: 66, error: "Is a directory")
        let zeros = try ProgramRun(PerfPrivileges.program, "budget", session, "--file", "/dev/zero")
        expect(zeros, status: 66, error: "/dev/zero: is no regular file")
        let full = try directory.programs.shell(
            "exec ${fold% fold} budget \"$1\" --file budget.yml >/dev/full", session)
        expect(full, status: 74, error: "No space left")
    }

    @Test(
        arguments: [
            ["--init", "--update"], ["--init", "--format", "json"], ["--update", "--format", "text"],
            ["--format", "csv"], ["--nosuch"], ["a", "b"], ["--file"],
        ])
    func wrongUsage(arguments: [String]) throws {
        let run = try ProgramRun([PerfPrivileges.program, "budget"] + arguments)
        #expect(run.status == 64 && run.output == "" && run.error.hasPrefix("Error: "), "\(arguments)")
    }
}
