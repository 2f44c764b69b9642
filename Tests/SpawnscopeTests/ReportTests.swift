import TestSupport
import Testing

/// `report` as people and programs use it, on recordings that every machine reads alike.
@Suite struct ReportTests {
    private let directory = FoldDirectory()
    private let session = FoldDirectory.recording("session")

    private func report(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun([PerfPrivileges.program, "report"] + arguments)
    }

    @Test func oneScreenOfText() throws {
        let run = try report(session)
        #expect(run.status == 0 && run.isQuiet)
        #expect(run.lines.first == "./spawner" && run.lines.count < 45)
        #expect(run.lines.allSatisfy { $0.count <= 80 } && !run.output.contains("\u{1b}"))
        #expect(run.output.contains("7 of 7 spawns have all phases; 0 of 78 events lost"))
        #expect(try report("--all", session).lines.count > run.lines.count)
    }

    @Test(arguments: [[], ["--spawns"], ["--outcome", "failed"], ["--program", "nothing"]])
    func jsonKeepsToItsSchema(options: [String]) throws {
        for name in ["session", "spawns"] {
            let run = try ProgramRun(
                [PerfPrivileges.program, "report", "--format", "json"] + options + [FoldDirectory.recording(name)])
            #expect(run.status == 0)
            let script =
                options == ["--spawns"]
                ? """
                assert len(report["spawns"]) == 7 == report["totals"]["spawns"]
                for name, of in report["phases"].items():
                    known = [s["phases"][name] for s in report["spawns"] if name in s["phases"]]
                    assert (len(known), sum(known), min(known), max(known)) == tuple(
                        of[k] for k in ("count", "sum_ns", "min_ns", "max_ns")), name
                for s in report["spawns"]:
                    assert "total_ns" not in s or sum(s["phases"].values()) == s["total_ns"], s
                blocked = [s.get("blocked_ns") for s in report["spawns"]]
                assert ((None if None in blocked else sum(blocked)) == report["totals"].get("blocked_ns")), blocked
                assert {s["callsite"] for s in report["spawns"]} == {c["id"] for c in report["callsites"]}
                """ : "assert 'spawns' not in report"
            #expect(try ReportChecker.problems(run.output, script, in: directory.path) == "")
        }
    }

    /// What a recording of perf's has not is absent, not 0, and is named.
    @Test func whatIsNotKnownIsAbsent() throws {
        let run = try report("--format", "json", FoldDirectory.recording("spawns"))
        let script = """
            assert not report["phases"] and len(report["session"]["missing"]) == 5
            for key in ("failed", "failed_attempts", "failed_creations", "unreaped", "blocked_ns", "total_ns"):
                assert key not in report["totals"], key
            assert report["totals"]["spawns"] == 7
            """
        #expect(try ReportChecker.problems(run.output, script, in: directory.path) == "")
    }

    @Test func csvHasARowForEachSpawn() throws {
        let run = try report("--format", "csv", session)
        #expect(run.status == 0 && run.isQuiet && run.output.hasSuffix("\r\n"))
        let script = """
            assert [r["outcome"] for r in rows].count("executed") == 5 and len(rows) == 7
            assert {r["path"] for r in rows if r["outcome"] == "executed"} == {"/tmp/demo/spawner"}
            for r in rows:
                phases = [r[k] for k in r if k.endswith("_ns") and k not in ("start_ns", "total_ns", "blocked_ns", "session_start_wall_ns")]
                assert len(phases) == 8 and sum(int(p) for p in phases if p) == int(r["total_ns"]), r
            assert len({(r["session_host"], r["session_start_wall_ns"]) for r in rows}) == 1
            """
        #expect(try ReportChecker.problems(csv: run.output, script, in: directory.path) == "")
        #expect(try report("--format", "csv", "--outcome", "failed", session).csvRows.count == 1)
    }

    @Test(arguments: ["single", "several", "pipe", "tracepoint"])
    func aSessionWithoutSpawnEventsCannotTell(name: String) throws {
        for format in ["text", "json", "csv"] {
            let run = try report("--format", format, FoldDirectory.recording(name))
            #expect(run.status == 3 && run.output == "")
            #expect(run.error.contains("has no spawn events: record it with 'spawnscope record'"))
        }
    }

    @Test func aSelectionOfNothingSaysSo() throws {
        let run = try report("--callsite", "no such function", session)
        #expect(run.status == 0 && run.error.hasSuffix("no spawn is selected\n"))
    }

    @Test(
        arguments: [
            ["--spawns"], ["--format", "xml"], ["--all", "--format", "json"], ["--from", "soon"], ["--from", "-1"],
            ["--to", "1.0.0"], ["--from", "2", "--to", "1s"], ["--outcome", "fine"], ["--pid", "x"],
        ])
    func wrongUsageIsRefused(options: [String]) throws {
        let run = try ProgramRun([PerfPrivileges.program, "report"] + options + [session])
        #expect(run.status == 64 && run.output == "" && !run.error.isEmpty)
    }

    @Test(arguments: ["0", "0.000000001", "2", "2.5", "2.5s", "500ms", "2s", "1m", "1h"])
    func timesAreUnderstood(time: String) throws {
        let run = try report("--from", time, "--format", "csv", session)
        #expect(run.status == 0 && run.csvRows.count == (time.hasPrefix("0") ? 7 : 0))
    }

    /// A full disk, and a reader that leaves.
    @Test func anOutputThatCannotBeWritten() throws {
        let full = try directory.shell("exec ${fold% fold} report --format csv \"$1\" >/dev/full", session)
        #expect(full.status == 74 && full.error.contains("No space left"))
        let left = try directory.shell(
            "${fold% fold} report --format json --spawns \"$1\" | true; echo ${PIPESTATUS[0]}", session)
        #expect(left.output == "141\n" || left.output == "0\n")
    }

    @Test func foldsByTimeAddUp() throws {
        let json = try report("--format", "json", session).output
        for weight in ["create", "exec", "run", "overhead", "blocked", "total"] {
            let parts = weight == "blocked" ? "program" : "program,phase"
            let fold = try directory.fold("--weight", weight, "--frames", parts, session)
            #expect(fold.status == 0 && fold.error == "")
            let sum = fold.lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
            let script = """
                expected = report["totals"].get("\(weight)_ns") or report["phases"]["\(weight)"]["sum_ns"]
                assert expected == \(sum) > 0, expected
                """
            #expect(try ReportChecker.problems(json, script, in: directory.path) == "")
        }
    }

    @Test func foldsByWhatIsNotKnownSaySo() throws {
        let run = try directory.fold("--weight", "exec", FoldDirectory.recording("spawns"))
        #expect(run.status == 0 && run.output == "")
        #expect(run.error.contains("5 of 7 spawns add nothing: exec is not known of them"))
        let link = try directory.fold("--weight", "link", session)
        #expect(link.output == "" && link.error.contains("link is not known of any spawn"))
        #expect(try directory.fold("--frames", "phase", session).status == 64)
        #expect(try directory.fold("--frames", "phase", "--weight", "blocked", session).status == 64)
        #expect(try directory.fold("--weight", "total", "--event", "cycles", session).status == 64)
    }
}
