import TestSupport
import Testing

/// Names of stripped programs from separate debug files: by build ID, by `.gnu_debuglink` and its checksum, and from a server of
/// debug files; never from another build's.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedDebugFileTests {
    private let directory = FoldDirectory()
    private var session: String { directory.path + "/s.data" }
    private var program: String { directory.path + "/stripped" }
    private var debugFile: String { directory.path + "/stripped.debug" }

    private static let source = """
        #include <stdlib.h>
        #include <sys/wait.h>
        #include <unistd.h>
        __attribute__((noinline)) int start(void) {
          int status;
          pid_t pid = vfork();
          if (pid == 0) { execl("/bin/true", "true", (char *)0); _exit(1); }
          return waitpid(pid, &status, 0) < 0;
        }
        int main(int count, char **words) { (void)words; return start() + (count > 9); }
        """
    private static let buildID = "1234567890abcdef1234567890abcdef12345678"

    /// A stripped program at `program`, and what was stripped at `debugFile`. `length` of the program makes it another build.
    private func compile(_ option: String, define: String = "-DBUILD=1") throws {
        try Compiler.write(Array(Self.source.utf8), to: program + ".c")
        try Compiler.run(["gcc", "-O2", "-g", define, option, "-o", program, program + ".c"])
        try Compiler.run(["objcopy", "--only-keep-debug", program, debugFile])
        try Compiler.run(["objcopy", "--strip-all", "--add-gnu-debuglink=" + debugFile, program])
    }

    private func record(_ options: [String]) throws {
        let run = try ProgramRun([PerfPrivileges.program, "record", "-o", session] + options + ["--", program])
        #expect(run.status == 0, "\(run.error)")
    }

    private func fold(_ words: String...) throws -> ProgramRun {
        let run = try ProgramRun([PerfPrivileges.program, "fold"] + words + [session])
        #expect(run.status == 0, "\(run.error)")
        return run
    }

    private static let named = ";main;start;"

    /// Without a build ID, the checksum says whether the file is this one's.
    @Test func byChecksum() throws {
        try compile("-Wl,--build-id=none")
        try record(["--no-pack"])
        let fold = try fold()
        #expect(fold.output.contains(Self.named) && fold.error.isEmpty, "\(fold.output)\(fold.error)")
        let report = try ProgramRun(PerfPrivileges.program, "report", session)
        #expect(report.output.contains("main > start (stripped.c:6)"), "\(report.output)")
        // One byte more.
        try Compiler.run(["sh", "-c", "echo >>\"$1\"", "sh", debugFile])
        let other = try self.fold()
        #expect(!other.output.contains(";main;") && other.output.contains("[stripped]"), "\(other.output)")
        let line = "\(debugFile) is the debug file of another build than \(program)"
        #expect(other.error.contains(line), "\(other.error)")
    }

    /// Said by whoever reads the files: fold of a raw session, and packing.
    @Test func ofAnotherBuild() throws {
        try compile("-Wl,--build-id=0x" + Self.buildID)
        try record(["--no-pack"])
        #expect(try fold().output.contains(Self.named))
        try Compiler.run([
            "gcc", "-O2", "-g", "-Wl,--build-id=0xffff567890abcdef1234567890abcdef12345678", "-o", program + ".other",
            program + ".c",
        ])
        try Compiler.run(["objcopy", "--only-keep-debug", program + ".other", debugFile])
        let line = "\(debugFile) is the debug file of another build than \(program)"
        let fold = try fold()
        #expect(!fold.output.contains(";main;") && fold.error.contains(line), "\(fold.output)\(fold.error)")
        let report = try ProgramRun(PerfPrivileges.program, "report", session)
        #expect(report.status == 0 && report.error.contains(line), "\(report.error)")
        let pack = try ProgramRun(PerfPrivileges.program, "pack", session)
        #expect(pack.status == 0 && pack.error.contains(line), "\(pack.error)")
    }

    /// Only when asked for, and not again what came once.
    @Test func fromAServer() throws {
        try compile("-Wl,--build-id=0x" + Self.buildID)
        let place = "\(directory.path)/server/buildid/\(Self.buildID)"
        try Compiler.run(["mkdir", "-p", place, directory.path + "/cache"])
        try Compiler.run(["mv", debugFile, place + "/debuginfo"])
        // Whoever asks the server is nobody, as all who look at what others wrote.
        try Compiler.run(["chmod", "755", directory.path])
        try Compiler.run(["chown", "nobody", directory.path + "/cache"])
        let asked = [
            "/usr/bin/env", "DEBUGINFOD_URLS=file://\(directory.path)/server",
            "DEBUGINFOD_CACHE_PATH=\(directory.path)/cache", PerfPrivileges.program,
        ]
        try record([])
        #expect(!(try fold().output.contains(";main;")))
        let unasked = try ProgramRun(asked + ["record", "-o", session, "--", program])
        #expect(unasked.status == 0 && !unasked.error.contains("debuginfod"))
        #expect(!(try fold().output.contains(";main;")))
        let run = try ProgramRun(asked + ["record", "--debuginfod", "-o", session, "--", program])
        #expect(run.status == 0 && run.error.contains("debuginfod: "), "\(run.error)")
        #expect(try fold().output.contains(Self.named))
        // What perf recorded, where the server is not there any more.
        try record(["--no-pack"])
        try Compiler.run(["mv", directory.path + "/server", directory.path + "/gone"])
        let pack = try ProgramRun(asked + ["pack", "--debuginfod", session])
        #expect(pack.status == 0 && pack.error.contains("debuginfod: "), "\(pack.error)")
        #expect(try fold().output.contains(Self.named))
        let report = try ProgramRun(PerfPrivileges.program, "report", session)
        #expect(report.output.contains("main > start (stripped.c:6)"), "\(report.output)")
    }

    @Test func withoutAServer() throws {
        let none = ["/usr/bin/env", "-u", "DEBUGINFOD_URLS", PerfPrivileges.program]
        let pack = try ProgramRun(none + ["record", "--debuginfod", "-o", session, "--", "/bin/true"])
        #expect(pack.status == 125 && pack.error.contains("DEBUGINFOD_URLS names no server"), "\(pack.error)")
        #expect(pack.error.split(separator: "\n").count == 1)
        let raw = ["/usr/bin/env", "DEBUGINFOD_URLS=file:///none", PerfPrivileges.program]
        let both = try ProgramRun(raw + ["record", "--debuginfod", "--no-pack", "-o", session, "--", "/bin/true"])
        #expect(both.status == 125 && both.error.contains("--no-pack"), "\(both.error)")
    }
}
