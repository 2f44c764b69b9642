import TestSupport
import Testing

/// Which lines of source ask for spawns, and which of their functions were inlined.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedSourceLinesTests {
    private let directory = FoldDirectory()
    private var session: String { directory.path + "/s.data" }
    private var program: String { directory.path + "/inlined" }

    /// The line numbers are those of the file.
    private static let source = """
        #include <spawn.h>
        #include <sys/wait.h>
        extern char **environ;
        static inline __attribute__((always_inline)) void start(const char *path) {
          char *argv[] = {(char *)path, 0};
          pid_t pid;
          if (posix_spawn(&pid, path, 0, 0, argv, environ) == 0)
            waitpid(pid, 0, 0);
        }
        static inline __attribute__((always_inline)) void tool(int n) {
          for (int i = 0; i < n; i++)
            start("/bin/true");
        }
        __attribute__((noinline)) void build(void) {
          tool(3);
          start("/bin/false");
        }
        int main(void) {
          build();
          tool(2);
          return 0;
        }

        """

    private func spawnscope(_ words: String...) throws -> String {
        let run = try ProgramRun([PerfPrivileges.program] + words)
        #expect(run.status == 0, "\(words): \(run.error)")
        return run.output
    }

    private func compile(_ options: [String] = [], by compiler: String = "gcc") throws {
        try Compiler.write(Array(Self.source.utf8), to: program + ".c")
        try Compiler.run([compiler, "-O2", "-g", "-fomit-frame-pointer"] + options + ["-o", program, program + ".c"])
    }

    private func record() throws { _ = try spawnscope("record", "-q", "--no-pack", "-o", session, "--", program) }

    /// A folded stack from `main` on, without libc's frames.
    private func ownFrames(_ fold: String) -> Set<String> {
        let libc: Set<Substring> = ["posix_spawn", "__posix_spawn"]
        return Set(
            fold.split(separator: "\n").map { line in
                let frames = line.split(separator: ";").drop { $0 != "main" }
                let own = frames.prefix { !$0.contains("spawn") && !libc.contains($0) }
                return (own + [frames.last ?? ""]).joined(separator: ";")
            })
    }

    private static let inlined: Set<String> = [
        "main;build;start;/bin/false 1", "main;build;tool;start;/bin/true 3", "main;tool;start;/bin/true 2",
    ]

    @Test func linesAndInlinedFunctions() throws {
        try compile()
        try record()
        let plain = ownFrames(try spawnscope("fold", session))
        #expect(plain == ["main;build;/bin/false 1", "main;build;/bin/true 3", "main;/bin/true 2"])
        #expect(ownFrames(try spawnscope("fold", "--inline", session)) == Self.inlined)
        let exported = try spawnscope("export", "--format", "folded", "--inline", session)
        #expect(ownFrames(exported) == Self.inlined)
        let report = try spawnscope("report", session)
        #expect(report.contains(" main > build (inlined.c:15, :16) [inlined]\n"), "\(report)")
        #expect(report.contains(" main (inlined.c:20) [inlined]\n"), "\(report)")
        let inlined = try spawnscope("report", "--inline", session)
        #expect(inlined.contains(" build > tool > start (inlined.c:7) [inlined]\n"), "\(inlined)")
        let all = try spawnscope("report", "--inline", "--all", session)
        let frames = [("main", 19), ("build", 15), ("tool", 12), ("start", 7)]
        let stack = frames.map { "        \($0.0)  \(program).c:\($0.1)\n" }.joined()
        #expect(all.contains(stack), "\(all)")
        let json = try spawnscope("report", "--format", "json", session)
        let script = """
            (site,) = [site for site in report["callsites"] if "build" in site["stack"]]
            lines = dict(zip(site["stack"], site["lines"]))
            assert len(site["stack"]) == len(site["lines"])
            assert [line["line"] for line in lines["build"]] == [15, 16], lines
            assert lines["main"] == [{"file": "\(program).c", "line": 19}], lines
            """
        #expect(try ReportChecker.problems(json, script, in: directory.path) == "")
        let perf = try ProgramRun(PerfPrivileges.program, "fold", "--inline", "--names", "perf", session)
        #expect(perf.status == 64 && perf.error.contains("--inline goes with --names best"))
    }

    private static let questions = [
        ["fold"], ["fold", "--inline"], ["report"], ["report", "--inline", "--all"], ["report", "--format", "json"],
        ["flamegraph", "--inline", "-o", "-"], ["export", "--format", "speedscope", "--inline"],
    ]

    private func answers() throws -> [String] {
        try Self.questions.map { try ProgramRun([PerfPrivileges.program] + $0 + [session]).output }
    }

    /// They are in the session when the program is not there any more.
    @Test func theyTravel() throws {
        try compile()
        try record()
        let raw = try answers()
        #expect(raw.allSatisfy { !$0.isEmpty })
        _ = try spawnscope("pack", "-q", session)
        try Compiler.run(["rm", program, program + ".c"])
        #expect(try answers() == raw)
    }

    /// Debug information that zstd compressed, in the program and in a file of its own, and that of a package.
    @Test(arguments: ["program", "file", "package"]) func otherForms(form: String) throws {
        switch form {
        case "package":
            // llvm-dwp 14 does not come to an end with what gcc 12 makes of this.
            try compile(["-gsplit-dwarf", "-w"], by: "clang")
            let pack = "cd \"$1\" && llvm-dwp -e inlined -o inlined.dwp && rm *.dwo"
            try Compiler.run(["sh", "-c", pack, "sh", directory.path])
        default:
            try compile(["-gz=zstd", "-w"], by: "clang")
            guard form == "file" else { break }
            try Compiler.run(["objcopy", "--only-keep-debug", program, program + ".debug"])
            try Compiler.run(["objcopy", "--strip-debug", "--add-gnu-debuglink=" + program + ".debug", program])
        }
        try record()
        let report = try ProgramRun(PerfPrivileges.program, "report", "--all", "--inline", session)
        #expect(report.status == 0 && report.error == "", "\(report.error)")
        for place in ["build  \(program).c:15\n", "tool  \(program).c:12\n", "start  \(program).c:7\n"] {
            #expect(report.output.contains("        " + place), "\(report.output)")
        }
    }

    /// What a program names and nobody has is told, once; its own functions have their names still.
    @Test func aMissingFileIsTold() throws {
        try compile(["-gsplit-dwarf"])
        try Compiler.run(["sh", "-c", "rm \"$1\"/*.dwo", "sh", directory.path])
        try record()
        let report = try ProgramRun(PerfPrivileges.program, "report", session)
        let told = report.error.split(separator: "\n").filter { $0.contains(".dwo") }
        #expect(told.count == 1, "\(report.error)")
        #expect(told.first?.contains("inlined.dwo, which is missing or of another build") == true, "\(report.error)")
        #expect(report.output.contains(" main > build [inlined]\n"), "\(report.output)")
    }

    /// As distributions install it: a stripped program and a file beside it, which is taken only if it is the same build's.
    @Test func separateDebugInformation() throws {
        try compile(["-Wl,--build-id=0x1234567890abcdef1234567890abcdef12345678"])
        let debug = program + ".debug"
        try Compiler.run(["objcopy", "--only-keep-debug", program, debug])
        try Compiler.run(["objcopy", "--strip-debug", "--add-gnu-debuglink=" + debug, program])
        try record()
        let report = try spawnscope("report", session)
        #expect(report.contains(" main > build (inlined.c:15, :16) [inlined]\n"), "\(report)")
        #expect(ownFrames(try spawnscope("fold", "--inline", session)) == Self.inlined)
        // A debug file of another build.
        let other = directory.path + "/other"
        let otherID = "-Wl,--build-id=0xffff567890abcdef1234567890abcdef12345678"
        try Compiler.run(["gcc", "-O2", "-g", otherID, "-o", other, program + ".c"])
        try Compiler.run(["objcopy", "--only-keep-debug", other, debug])
        let without = try spawnscope("report", session)
        #expect(without.contains(" main > build [inlined]\n"), "\(without)")
        #expect(ownFrames(try spawnscope("fold", "--inline", session)) == ownFrames(try spawnscope("fold", session)))
    }
}
