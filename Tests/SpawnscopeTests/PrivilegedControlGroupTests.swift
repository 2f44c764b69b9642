import Foundation
import TestSupport
import Testing

/// The containers and units of spawns, by control groups with names as the runtimes give them.
@Suite(
    .serialized,
    .enabled(
        if: PerfPrivileges.available && ControlGroups.unified != nil,
        "perf events cannot be opened, or there is no unified hierarchy of control groups"))
struct PrivilegedControlGroupTests {
    private let directory = SessionDirectory()
    private let programs = FoldDirectory()

    /// A container's id that no other has.
    private static func id() -> String {
        (0..<64).map { _ in String("0123456789abcdef".randomElement() ?? "0") }.joined()
    }

    private func record(_ recorder: String, _ words: [String]) throws {
        let run = try ProgramRun(
            [PerfPrivileges.program, "record", "--recorder", recorder, "-o", directory.session] + words)
        #expect(run.status == 0, "\(run.error)")
    }

    private func check(_ script: String, _ file: String? = nil) throws {
        let report = try ProgramRun(
            PerfPrivileges.program, "report", "--format", "json", "--spawns", file ?? directory.session)
        #expect(report.status == 0, "\(report.error)")
        let problems = try ReportChecker.problems(report.output, script, in: programs.path)
        #expect(problems == "")
    }

    /// Runs $2 in the group $1, as a runtime does: a process is moved there and then executes the program.
    private static let enter = """
        enter() { /bin/sh -c 'echo $$ >"$1/cgroup.procs" && exec /bin/true' sh "$1"; }

        """

    /// The group was there before, and one is made and gone again while something is recorded.
    @Test(arguments: [["joined"], ["joined", "-e", "sched:sched_process_wait"], ["events"], ["traced"]])
    func containersOldAndNew(recorder: [String]) throws {
        let (old, new) = (Self.id(), Self.id())
        let groups = try MadeGroups("test.slice", "test.slice/docker-\(old).scope")
        let script =
            Self.enter + """
                mkdir "$1/libpod-$3.scope"; enter "$1/libpod-$3.scope"; rmdir "$1/libpod-$3.scope"
                enter "$1/docker-$2.scope"; /bin/true
                """
        try record(
            recorder[0],
            recorder.dropFirst() + ["--", "sh", "-c", script, "sh", groups.path + "/test.slice", old, new])
        let expected = """
            inside = [spawn for spawn in report["spawns"] if spawn["execs"] == 2]
            assert [spawn.get("container") for spawn in inside] == ["\(new)", "\(old)"], inside
            outside = [spawn for spawn in report["spawns"] if spawn["execs"] == 1]
            assert len(outside) == 3 and not any("container" in spawn for spawn in outside), outside
            assert {group.get("container") for group in report["groups"]} >= {"\(old)", "\(new)"}, report["groups"]
            """
        try check(expected)
        let text = try ProgramRun(PerfPrivileges.program, "report", directory.session)
        #expect(text.lines.contains { $0.hasPrefix("GROUPS") && $0.hasSuffix("container or unit") }, "\(text.output)")
        #expect(text.output.contains("  container \(old.prefix(12))\n"), "\(text.output)")
        let fold = try ProgramRun(
            PerfPrivileges.program, "fold", "--frames", "container,program", directory.session)
        #expect(fold.output.contains("\(old.prefix(12));/bin/sh;/bin/true 1\n"), "\(fold.output)")
        #expect(fold.output.contains("[no container];"), "\(fold.output)")
        let csv = try ProgramRun(PerfPrivileges.program, "report", "--format", "csv", directory.session)
        let problems = try ReportChecker.problems(
            csv: csv.output,
            "assert sorted(row['container'] for row in rows)[-2:] == sorted(['\(old)', '\(new)']), rows",
            in: programs.path)
        #expect(problems == "")
    }

    /// A child that executes nothing is in the group that it was created in.
    @Test func ofAForkedChild() throws {
        let groups = try MadeGroups("nginx.service")
        let script = "import os; os.fork() or os._exit(0); os.wait()"
        try record(
            "joined",
            [
                "--", "sh", "-c", "echo $$ >\"$1/cgroup.procs\"; exec /usr/bin/python3 -c '\(script)'", "sh",
                groups.path + "/nginx.service",
            ])
        try check(
            """
            assert [(spawn["outcome"], spawn.get("unit")) for spawn in report["spawns"]] == [("forked", "nginx.service")], report
            """)
    }

    /// A session has the groups of its workload alone, packed or not, and perf prints them.
    @Test(arguments: [
        ["joined"], ["joined", "--no-pack"], ["joined", "--no-pack", "-e", "sched:sched_process_wait"], ["events"],
    ])
    func othersAreLeftOut(recorder: [String]) throws {
        let id = Self.id()
        let groups = try MadeGroups("of-a-stranger.service", "cri-containerd-\(id).scope")
        let script = Self.enter + "enter \"$1\""
        let options = recorder.contains("--no-pack") ? [] : ["--no-compress"]
        try record(
            recorder[0],
            recorder.dropFirst() + options + [
                "--", "sh", "-c", script, "sh", groups.path + "/cri-containerd-\(id).scope",
            ])
        let perf = try ProgramRun("perf", "script", "--show-cgroup-events", "-i", directory.session)
        #expect(perf.status == 0, "\(perf.error)")
        let told = perf.lines.filter { $0.contains("PERF_RECORD_CGROUP") }
        #expect(told.contains { $0.hasSuffix("/cri-containerd-\(id).scope") }, "\(perf.output)")
        #expect(!told.contains { $0.hasSuffix("of-a-stranger.service") } && told.count == 2, "\(told)")
    }

    /// Whoever may make a control group chooses its name: it is data in every output.
    @Test(arguments: ["joined", "events", "traced"]) func hostileNames(recorder: String) throws {
        let name = "=cmd;\u{1b}[2J\u{202e}\"<b>.service"
        let groups = try MadeGroups(name)
        let script = Self.enter + "enter \"$1\"; /bin/true"
        try record(recorder, ["--", "sh", "-c", script, "sh", groups.path + "/" + name])
        try check("assert any(spawn.get('unit', '').startswith('=cmd;\\x1b[2J\\u202e') for spawn in report['spawns'])")
        for options in [
            ["report"], ["report", "--all"], ["report", "--format", "json", "--spawns"], ["report", "--format", "csv"],
            ["fold", "--frames", "unit,program"], ["flamegraph", "--frames", "unit,program", "-o", "-"],
            ["export", "--format", "chrome", "-o", "-"], ["export", "--format", "ndjson", "-o", "-"],
        ] {
            let run = try ProgramRun([PerfPrivileges.program] + options + [directory.session])
            #expect(run.status == 0, "\(options): \(run.error)")
            let scalars = run.output.unicodeScalars
            #expect(!scalars.contains { $0.value < 0x20 && !"\r\n\t".unicodeScalars.contains($0) }, "\(options)")
            #expect(!scalars.contains("\u{202e}"), "\(options)")
            if options[0] == "flamegraph" { #expect(!run.output.contains("<b>")) }
            if options[0] == "fold" {
                #expect(run.lines.allSatisfy { $0.wholeMatch(of: #/[^;]+(;[^;]+)* [0-9]+/#) != nil }, "\(run.output)")
            }
        }
    }
}

/// Control groups in the unified hierarchy, which go with the test.
final class MadeGroups {
    let path: String
    private var made: [String] = []

    /// Paths below a group of its own, those above before those below.
    init(_ names: String...) throws {
        path = (ControlGroups.unified ?? "") + "/spawnscope-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        for name in [""] + names {
            try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: false)
            made.append(path + "/" + name)
        }
    }

    deinit {
        // What ran there may not have been reaped yet.
        for group in made.reversed() {
            for _ in 0..<100 where rmdir(group) != 0 && errno == EBUSY { usleep(10_000) }
        }
    }
}
