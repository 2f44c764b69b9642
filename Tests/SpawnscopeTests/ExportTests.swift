import Glibc
import TestSupport
import Testing

/// `export` through the program, on recordings that every machine reads alike.
@Suite struct ExportTests {
    private let directory = FoldDirectory()
    private let session = FoldDirectory.recording("lifecycle")

    private func export(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun([PerfPrivileges.program, "export"] + arguments)
    }

    private func shell(_ text: String) throws -> ProgramRun {
        try ProgramRun("/bin/sh", "-c", "cd \(directory.path) && " + text, PerfPrivileges.program, session)
    }

    @Test func textFormatsAddUpToTheReport() throws {
        let script = """
            import csv, json, re, subprocess, sys
            program, session = sys.argv[1:]
            def run(*words):
                return subprocess.run([program, *words, session], check=True, stdout=subprocess.PIPE).stdout.decode()
            report = json.loads(run("report", "--format", "json"))
            spawns, overhead = report["totals"]["spawns"], report["totals"]["overhead_ns"]
            assert spawns == 14 and overhead > 0
            lines = [json.loads(line) for line in run("export", "--format", "ndjson").splitlines()]
            assert len(lines) == spawns and sum(line.get("overhead_ns", 0) for line in lines) == overhead
            assert all(line["stack"] and line["ancestry"] for line in lines)
            rows = list(csv.DictReader(run("export", "--format", "csv").splitlines()))
            assert len(rows) == spawns and run("export", "--format", "csv") == run("report", "--format", "csv")
            for name, of in report["phases"].items():
                assert sum(int(row[name + "_ns"] or 0) for row in rows) == of["sum_ns"], name
            page = json.loads(run("export", "--format", "speedscope"))
            weights = {profile["name"]: sum(profile["weights"]) for profile in page["profiles"]}
            assert (weights["spawns"], weights["overhead"]) == (spawns, overhead)
            trace = json.loads(run("export", "--format", "chrome"))
            slices = [event for event in trace["traceEvents"] if event.get("cat") == "spawn" and event["ph"] in "XB"]
            assert len(slices) == spawns and sum(s["args"].get("overhead_ns", 0) for s in slices) == overhead
            assert run("export", "--format", "folded") == run("fold")
            one = [json.loads(line) for line in run("export", "--format", "ndjson", "--outcome", "failed").splitlines()]
            assert len(one) == report["totals"]["failed"] > 0
            """
        let run = try ProgramRun("python3", "-c", script, PerfPrivileges.program, session)
        #expect(run.status == 0, "\(run.error)")
    }

    @Test func whatAFormatCannotCarryIsSaid() throws {
        for format in ["pprof", "speedscope", "folded", "csv", "ndjson", "chrome"] {
            let run = try shell("exec \"$0\" export --format \(format) \"$1\" >out")
            #expect(run.status == 0 && run.error.contains("\(format) has no place for "), "\(run.error)")
            let quiet = try shell("exec \"$0\" export -q --format \(format) \"$1\" -o again && cmp out again")
            #expect(quiet.status == 0 && quiet.error == "")
        }
        #expect(try shell("rm out again && ls").output == "")
    }

    @Test func nothingIsHalfWritten() throws {
        let missing = try shell("echo before >kept; \"$0\" export --format csv missing.data -o kept; cat kept; ls")
        #expect(missing.output == "before\nkept\n")
        let full = try shell("exec \"$0\" export --format chrome \"$1\" >/dev/full")
        #expect(full.status == 74 && full.error.contains("No space left on device"))
        // A file system of 16 KiB, which only root can have.
        if PerfPrivileges.areRequired {
            let small = try shell(
                """
                mkdir small && mount -t tmpfs -o size=16k none small && echo before >small/kept
                "$0" export --format chrome "$1" -o small/kept; echo $?; cat small/kept; ls -A small; umount small; rmdir small
                """)
            #expect(small.output == "74\nbefore\nkept\n")
        }
        let closed = try shell("\"$0\" export -q --format ndjson \"$1\" | head -c 1; rm kept")
        #expect(closed.output == "{" && closed.error == "")
        let refused = try shell("exec \"$0\" export --format csv \"$1\" -o /nonexistent/file")
        #expect(refused.status == 73 && refused.error.contains("/nonexistent/file"))
    }

    @Test func wrongArguments() throws {
        for arguments in [
            "", "--format perfetto", "--format folded --program x", "--format csv --weight exec",
            "--format pprof --frames phase",
            "--format pprof --weight samples", "--format ndjson --event cycles", "--format csv --from 2s --to 1s",
        ] {
            let run = try shell("exec \"$0\" export \"$1\" \(arguments)")
            #expect(run.status == 64 && run.output == "" && !run.error.isEmpty, "\(arguments)")
        }
    }

    @Test func aSessionWithoutSpawnEventsCannotTell() throws {
        let run = try export("--format", "pprof", FoldDirectory.recording("single"), "-o", directory.path + "/none")
        #expect(run.status == 3 && run.error.contains("has no spawn events"))
        #expect(try shell("ls -A").output == "")
        #expect(try export("--format", "folded", FoldDirectory.recording("single")).status == 0)
    }
}
