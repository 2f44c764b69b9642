import TestSupport
import Testing

/// Programs that are executed by descriptor have the name of what that led to.
@Suite(.serialized, .enabled(if: PerfPrivileges.available)) struct PrivilegedExecutedFileTests {
    private static let source = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <unistd.h>
        static char *words[] = {"a", 0}, *none[] = {0};
        int main(int count, char **arguments) {
            for (int way = 0; way < 5; way++) {
                int number = open(way == 3 ? "/usr/bin" : way == 4 ? arguments[1] : "/usr/bin/true", O_RDONLY);
                if (way == 1) {
                    char bytes[1 << 20];
                    long length = read(number, bytes, sizeof bytes);
                    number = memfd_create("packed", 0);
                    if (write(number, bytes, length) != length) return 1;
                }
                if (way == 2) number = syscall(428, AT_FDCWD, "/usr/bin/true", 1); /* open_tree(OPEN_TREE_CLONE) */
                if (fork() == 0) {
                    execveat(number, way == 3 ? "false" : "", words, none, AT_EMPTY_PATH);
                    _exit(9);
                }
                int status;
                wait(&status);
                if (WEXITSTATUS(status) == 9) printf("%d failed\\n", way);
            }
            return 0;
        }
        """

    @Test(arguments: [false, true]) func theyAreTold(packs: Bool) throws {
        let directory = FoldDirectory()
        let program = try Compiler.program(Self.source, ["-O1"], in: directory.path)
        let script = directory.path + "/script", session = directory.path + "/s.data"
        try Compiler.write(Array("#!/bin/dash\nexit 0\n".utf8), to: script)
        let record = try ProgramRun(
            ["sh", "-c", "chmod +x \"$0\"; exec \"$@\"", script, PerfPrivileges.program, "record", "-q", "-o", session]
                + (packs ? [] : ["--no-pack"]) + ["--", program, script])
        try #require(record.status == 0 && record.output == "", "\(record.output)\(record.error)")
        let json = try ProgramRun(
            [PerfPrivileges.program, "report", "--format", "json", "--spawns", session])
        let check = """
            import os
            spawns = sorted(report["spawns"], key=lambda spawn: spawn["start_ns"])
            assert all(spawn["path"].startswith("/dev/fd/") for spawn in spawns), spawns
            files = [spawn["programs"][0]["file"] for spawn in spawns]
            # Where open_tree(2) leads to is known by its numbers, since the first has the same file.
            true = "/usr/bin/true"
            assert files == [true, "/memfd:packed (deleted)", true, "/usr/bin/false", "/usr/bin/dash"], files
            assert sorted(program["path"] for program in report["programs"]) == sorted(set(files)), report["programs"]
            """
        #expect(try ReportChecker.problems(json.output, check, in: directory.path) == "", "\(json.output)")
        let selected = try ProgramRun(
            [PerfPrivileges.program, "report", "--format", "json", "--program", "*/false", session])
        #expect(
            try ReportChecker.problems(
                selected.output, "assert report[\"totals\"][\"spawns\"] == 1, report[\"totals\"]", in: directory.path)
                == "")
        let fold = try ProgramRun([PerfPrivileges.program, "fold", "--frames", "program", session])
        #expect(!fold.output.contains("/dev/fd/") && fold.lines.contains("/usr/bin/false 1"), "\(fold.output)")
    }
}
