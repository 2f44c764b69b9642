import TestSupport
import Testing

/// Findings of fresh recordings, and programs of which they must not be.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedFindingTests {
    private let directory = SessionDirectory()
    private let programs = FoldDirectory()

    private func check(_ script: String) throws -> String {
        let run = try ProgramRun(PerfPrivileges.program, "report", "--format", "json", "--spawns", directory.session)
        #expect(run.status == 0 && run.error == "", "\(run.error)")
        return try ReportChecker.problems(run.output, script, in: programs.path)
    }

    @Test func descriptorsClosedOneByOne() throws {
        let workload = try Workload.build("descriptors", in: programs.path)
        #expect(try directory.record("--sample", "4999", "--", workload, "each", "40").status == 0)
        let script = """
            found = [f for f in report["findings"] if f["kind"] == "closing-descriptors"]
            assert len(found) == 1, report["findings"]
            assert 0 < found[0]["saving_ns"] <= report["phases"]["prepare"]["sum_ns"], found
            assert "main" in next(s for s in report["callsites"] if s["id"] == found[0]["callsite"])["stack"]
            """
        #expect(try check(script) == "")
    }

    @Test(arguments: [["each", "--no-samples"], ["range"], ["none"], ["each", "20"]])
    func othersCloseNone(mode: [String]) throws {
        let workload = try Workload.build("descriptors", in: programs.path)
        let samples = mode.contains("--no-samples") ? [] : ["--sample", "4999"]
        let few = mode.count == 2 && samples != [] ? [mode[1]] : []
        let run = try ProgramRun(
            [PerfPrivileges.program, "record", "-o", directory.session] + samples
                + ["--", workload, mode[0], "40"] + few)
        #expect(run.status == 0)
        let script = """
            assert not [f for f in report["findings"] if f["kind"] == "closing-descriptors"], report["findings"]
            """
        #expect(try check(script) == "")
    }

    /// The sizes of every spawn and of its call site, and the one environment that is too large.
    @Test func sizesInAReport() throws {
        let script = """
            import os
            large = {f"NAME{i:04}": "v" * 41 for i in range(2000)}
            for environment in [large, {"A": "b"}] * 50:
                os.waitpid(os.posix_spawn("/bin/true", ["true", "x"], environment), 0)
            """
        #expect(try directory.record("--", "/usr/bin/python3", "-c", script).status == 0)
        let checks = """
            spawns = report["spawns"]
            assert {s["argv_bytes"] for s in spawns} == {7}
            assert sorted(s["environment_bytes"] for s in spawns) == [4] * 50 + [2000 * 51] * 50
            assert all(s["spawner_page_table_bytes"] % 4096 == 0 < s["spawner_page_table_bytes"] for s in spawns)
            assert all(1 << 20 < s["spawner_resident_bytes"] < 1 << 28 for s in spawns)
            sites = report["callsites"]
            assert sum(s["environment_bytes"]["sum"] for s in sites) == 50 * 4 + 50 * 2000 * 51
            for key in "argv_bytes", "environment_bytes", "spawner_page_table_bytes", "spawner_resident_bytes":
                assert sum(s[key]["count"] for s in sites) == 100, key
            found = [f for f in report["findings"] if f["kind"] == "large-environment"]
            assert found and "with a small one" in found[0]["text"] and found[0]["saving_ns"] > 0, report["findings"]
            """
        #expect(try check(checks) == "")
        let text = try ProgramRun(PerfPrivileges.program, "report", directory.session).output
        #expect(text.contains("made by vfork 100 from ") && text.contains("MiB"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
}
