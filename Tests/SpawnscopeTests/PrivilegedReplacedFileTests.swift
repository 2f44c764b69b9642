import Glibc
import TestSupport
import Testing

/// Programs that are replaced, overwritten or deleted while they are recorded or later: no function is ever named after
/// another file's, and who folds is told.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedReplacedFileTests {
    private let directory = SessionDirectory()

    /// Spawns from `FUNCTION`, without a library's function in between, so that frame pointers name every caller; with an
    /// argument, does to itself what that says, and spawns again.
    private static let source = """
        #include <stdio.h>
        #include <string.h>
        #include <sys/wait.h>
        #include <unistd.h>
        __attribute__((noinline)) static void FUNCTION(void) {
            long pid;
            __asm__ volatile("syscall" : "=a"(pid) : "a"(57) : "rcx", "r11", "memory");
            char *arguments[] = {"/bin/true", NULL};
            if (pid == 0) execv(arguments[0], arguments), _exit(127);
            if (waitpid(pid, NULL, 0) != pid) _exit(1);
        }
        int main(int argc, char **argv) {
            FUNCTION();
            if (argc == 1) return 0;
            if (strcmp(argv[1], "unlink") == 0 ? unlink(argv[0]) : rename(argv[1], argv[0])) return 2;
            FUNCTION();
            return 0;
        }
        """

    /// `DIRECTORY/alpha` and `DIRECTORY/beta`, the same but for the function's name and build ID.
    private func withPrograms(options: [String], _ body: (_ directory: String) throws -> Void) throws {
        try Compiler.withDirectory { directory in
            for name in ["alpha", "beta"] {
                let flags = ["-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-DFUNCTION=\(name)_spawns"]
                let program = try Compiler.program(Self.source, flags + options, in: directory)
                try Compiler.run(["mv", program, "\(directory)/\(name)"])
            }
            try body(directory)
        }
    }

    private func record(_ spawns: Int, in directory: String, packs: Bool = true, _ script: String) throws -> ProgramRun
    {
        let run = try ProgramRun(
            "sh", "-c", "cd \"$1\"; exec \"$2\" record $5 -o \"$3\" -- sh -c \"$4\"", "sh", directory,
            PerfPrivileges.program, self.directory.session, script, packs ? "" : "--no-pack")
        #expect(run.status == 0 && run.error.contains("spawnscope: \(spawns) spawns in "), "\(run.error)")
        let perf = try ProgramRun("perf", "script", "-i", self.directory.session)
        #expect(perf.status == 0 && perf.output.contains("spawnscope:spawn"))
        return run
    }

    private func fold() throws -> ProgramRun {
        let run = try ProgramRun(
            PerfPrivileges.program, "fold", "--frames", "callsite,program", directory.session)
        #expect(run.status == 0)
        return run
    }

    /// What an earlier state of the machine had, and what it has no name for.
    private func expectNoNames(_ directory: String, spawns: Int, isSaid: Bool = true) throws {
        let fold = try fold()
        #expect(!fold.output.contains("_spawns"), "\(fold.output)")
        let lines = fold.lines.filter { $0.contains(";[alpha];/bin/true ") }
        let count = lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        #expect(count == spawns, "\(fold.output)")
        #expect(
            fold.error.contains("\(directory)/alpha is not the file that was recorded; its functions have no names")
                == isSaid, "\(fold.error)")
    }

    private static let noted = "/alpha is not the file that was recorded: replaced meanwhile"
    /// With build IDs and without.
    private static let builds = [["-Wl,--build-id"], ["-Wl,--build-id=none"]]

    @Test(arguments: builds)
    func whatIsAsItWas(options: [String]) throws {
        try withPrograms(options: options) { directory in
            let run = try record(2, in: directory, "\(directory)/alpha; :")
            #expect(!run.error.contains("is not the file"))
            let fold = try fold()
            #expect(fold.error == "" && fold.output.contains(";main;alpha_spawns;/bin/true 1\n"), "\(fold.output)")
        }
    }

    @Test(arguments: builds)
    func aProgramThatReplacesItself(options: [String]) throws {
        try withPrograms(options: options) { directory in
            let run = try record(3, in: directory, "\(directory)/alpha beta; :")
            #expect(run.error.contains(Self.noted), "\(run.error)")
            try expectNoNames(directory, spawns: 2)
        }
    }

    /// `cp` writes into the file that is there: the path and the inode stay, the contents do not. When they changed is known to
    /// a tick of the kernel's clock.
    @Test(arguments: builds)
    func aProgramThatIsOverwritten(options: [String]) throws {
        try withPrograms(options: options) { directory in
            let run = try record(
                6, in: directory, "\(directory)/alpha; sleep 0.05; cp beta alpha; \(directory)/alpha; :")
            #expect(run.error.contains(Self.noted), "\(run.error)")
            try expectNoNames(directory, spawns: 2)
        }
    }

    @Test(arguments: builds)
    func aProgramThatDeletesItself(options: [String]) throws {
        try withPrograms(options: options) { directory in
            let run = try record(3, in: directory, packs: false, "\(directory)/alpha unlink; :")
            #expect(!run.error.contains("is not the file"))
            try expectNoNames(directory, spawns: 2, isSaid: false)
            // What is put there later is another file.
            try Compiler.run(["cp", "\(directory)/beta", "\(directory)/alpha"])
            try expectNoNames(directory, spawns: 2)
        }
    }

    @Test func aProgramThatIsReplacedAfterTheRecording() throws {
        try withPrograms(options: ["-Wl,--build-id"]) { directory in
            _ = try record(2, in: directory, packs: false, "\(directory)/alpha; :")
            try Compiler.run(["cp", "\(directory)/beta", "\(directory)/alpha"])
            try expectNoNames(directory, spawns: 1)
        }
    }

    /// Its names were stored when the recording ended.
    @Test func aPackedSessionKeepsItsNames() throws {
        try withPrograms(options: ["-Wl,--build-id"]) { directory in
            _ = try record(2, in: directory, "\(directory)/alpha; :")
            try Compiler.run(["cp", "\(directory)/beta", "\(directory)/alpha"])
            let fold = try fold()
            #expect(fold.error == "" && fold.output.contains(";main;alpha_spawns;/bin/true 1\n"), "\(fold.output)")
        }
    }
}
