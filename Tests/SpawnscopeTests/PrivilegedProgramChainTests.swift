import TestSupport
import Testing

/// Programs that execute another in their own place: each of them is a program of the spawn.
@Suite(.serialized, .enabled(if: PerfPrivileges.available)) struct PrivilegedProgramChainTests {
    private let directory = FoldDirectory()
    private var session: String { directory.path + "/s.data" }

    /// What executes /bin/true in its place, and the chain that this makes.
    private static let launchers: KeyValuePairs<String, String> = [
        "env A=1 /bin/true": "env › true", "nice /bin/true": "nice › true", "sh -c 'exec /bin/true'": "sh › true",
        "nohup /bin/true": "nohup › true", "stdbuf -o0 /bin/true": "stdbuf › true",
        "env nice env /bin/true": "env › nice › env › true", "./script": "script › sh › true",
        "setsid -w /bin/true": "setsid › true", "/bin/true": "true",
    ]

    private func record() throws {
        let lines = Self.launchers.map(\.key).joined(separator: "\n")
        let script = "#!/usr/bin/env sh\nexec /bin/true\n"
        try Compiler.write(Array(script.utf8), to: directory.path + "/script")
        let run = try ProgramRun(
            "sh", "-c", "cd \"$1\"; chmod +x script; exec \"$0\" record -o s.data -- sh -c \"$2\n:\"",
            PerfPrivileges.program, directory.path, lines)
        try #require(run.status == 0, "\(run.error)")
    }

    private func run(_ words: [String]) throws -> ProgramRun { try ProgramRun([PerfPrivileges.program] + words) }

    @Test func inEveryOutput() throws {
        try record()
        let json = try run(["report", "--format", "json", "--spawns", session])
        let chains = Self.launchers.map { "\"\($0.value)\"" }.joined(separator: ", ")
        let script = """
            def text(paths): return " › ".join(path.split("/")[-1] for path in paths)
            wanted = [\(chains)]
            found = [text(p["path"] for p in s["programs"]) for s in report["spawns"] if s["outcome"] == "executed"]
            assert sorted(found) == sorted(wanted), (found, wanted)
            assert all(s["path"] == s["programs"][0]["path"] and len(s["programs"]) == s["execs"] for s in report["spawns"] if "path" in s)
            assert sorted(text(p["chain"]) for p in report["programs"]) == sorted(set(wanted)), report["programs"]
            assert all(p["path"] == p["chain"][0] for p in report["programs"])
            """
        #expect(
            try ReportChecker.problems(json.output, script, in: directory.path) == "", "\(json.output.prefix(2000))")
        let text = try run(["report", "--all", session])
        #expect(text.lines.contains { $0.hasSuffix("  env › nice › env › true") }, "\(text.output)")
        let fold = try run(["fold", "--frames", "program", session])
        #expect(
            fold.lines.contains { $0.hasPrefix("/usr/bin/env;/usr/bin/nice;/usr/bin/env;/bin/true 1") },
            "\(fold.output)")
        #expect(
            fold.lines.contains("./script;") == false && fold.lines.contains { $0.hasPrefix("./script;") },
            "\(fold.output)")
        let folded = try run(["export", "--format", "folded", session])
        #expect(
            folded.lines.contains { $0.hasSuffix(";/usr/bin/env;/usr/bin/nice;/usr/bin/env;/bin/true 1") },
            "\(folded.output)")
    }

    /// A selector finds a spawn by any of its programs, and counts it once.
    @Test func selectors() throws {
        try record()
        let count = Self.launchers.count
        let selected = try run(["report", "--format", "json", "--program", "*/true", session])
        #expect(
            try ReportChecker.problems(
                selected.output, "assert report[\"totals\"][\"spawns\"] == \(count), report[\"totals\"]",
                in: directory.path) == "")
        for (limit, status) in [(count, 0), (count - 1, 1)] as [(Int, Int32)] {
            let file = directory.path + "/b.yml"
            let text =
                "schema: spawnscope.budget/1\nbudgets:\n  - {name: true, program: \"*/true\", spawns: \(limit)}\n"
            try Compiler.write(Array(text.utf8), to: file)
            let run = try run(["budget", session, "--file", file])
            #expect(run.status == status, "\(run.output)\(run.error)")
        }
        // The last is what its user meant.
        let draft = directory.path + "/draft.yml"
        #expect(try run(["budget", session, "--file", draft, "--init"]).status == 0)
        let text = String(decoding: try Compiler.bytes(draft), as: UTF8.self)
        let programs = text.split(separator: "\n").filter { $0.contains(" program: ") }
        #expect(programs.count == 1 && programs.allSatisfy { $0.contains("true") }, "\(text)")
        #expect(try run(["budget", session, "--file", draft]).status == 0)
    }
}
