import Glibc
import TestSupport
import Testing

/// Programs in mount namespaces and below other root directories, whose paths lead to other files outside: those never name them.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedForeignRootTests {
    private let directory = SessionDirectory()

    private static let source = """
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
            if (argc > 1) { char byte; while (read(0, &byte, 1) > 0) {} }
            return 0;
        }
        """

    /// `DIRECTORY/inside`, and another build of it as `DIRECTORY/bin/program`.
    private func withPrograms(_ body: (_ directory: String) throws -> Void) throws {
        try Compiler.withDirectory { directory in
            try Compiler.run(["mkdir", directory + "/bin"])
            for (name, place) in [("inside", "inside"), ("outside", "bin/program")] {
                let flags = [
                    "-static", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-Wl,--build-id",
                    "-DFUNCTION=\(name)_spawns",
                ]
                let program = try Compiler.program(Self.source, flags, in: directory)
                try Compiler.run(["mv", program, "\(directory)/\(place)"])
            }
            try body(directory)
        }
    }

    private func record(_ script: String, in directory: String, packs: Bool = false) throws -> ProgramRun {
        let run = try ProgramRun(
            "sh", "-c", "cd \"$1\"; exec \"$2\" record $5 -o \"$3\" -- sh -c \"$4\"", "sh", directory,
            PerfPrivileges.program, self.directory.session, script, packs ? "" : "--no-pack")
        #expect(run.status == 0, "\(run.error)")
        return run
    }

    private func fold() throws -> ProgramRun {
        let run = try ProgramRun(PerfPrivileges.program, "fold", "--frames", "callsite,program", directory.session)
        #expect(run.status == 0)
        return run
    }

    private func buildID(_ path: String) throws -> String {
        let run = try ProgramRun("readelf", "-n", path)
        return try #require(run.lines.first { $0.contains("Build ID: ") }?.split(separator: " ").last.map(String.init))
    }

    /// A mount over the directory, seen by this namespace alone.
    private static let mount = "mount -t tmpfs none bin && cp inside bin/program"

    @Test func aProgramOfAMountNamespace() throws {
        try withPrograms { directory in
            let path = directory + "/bin/program"
            let run = try record("sleep 0.3 | unshare -m sh -c '\(Self.mount) && \(path) wait; :'; :", in: directory)
            #expect(!run.error.contains("is not the file"), "\(run.error)")
            // The build is known, though what the path leads to is another.
            let list = try ProgramRun("perf", "buildid-list", "-i", session)
            #expect(list.output.contains("\(try buildID(directory + "/inside")) \(path)"), "\(list.output)")
            var fold = try fold()
            #expect(!fold.output.contains("side_spawns"), "\(fold.output)")
            #expect(fold.error.contains("\(path) is not the file that was recorded"), "\(fold.error)")
            // Where that build is to be had, it names.
            try Compiler.run(["cp", directory + "/inside", path])
            fold = try self.fold()
            #expect(fold.output.contains(";inside_spawns;/bin/true 1\n") && fold.error == "", "\(fold.output)")
        }
    }

    /// Both under one path in one session: each mapping is known to be of its own build.
    @Test func twoBuildsUnderOnePath() throws {
        try withPrograms { directory in
            let path = directory + "/bin/program"
            let run = try record(
                "\(path); sleep 0.3 | unshare -m sh -c '\(Self.mount) && \(path) wait; :'; :", in: directory)
            #expect(!run.error.contains("is not the file"), "\(run.error)")
            let fold = try fold()
            #expect(fold.output.contains(";outside_spawns;/bin/true 1\n"), "\(fold.output)")
            #expect(fold.output.contains(";[program];/bin/true 1\n"), "\(fold.output)")
            #expect(!fold.output.contains("inside_spawns"))
            #expect(fold.error.contains("\(path) is not the file that was recorded"), "\(fold.error)")
        }
    }

    /// The recorder holds the files for as long as it takes to keep their names.
    @Test func packedSessionsHaveTheNames() throws {
        try withPrograms { directory in
            let path = directory + "/bin/program"
            let script = "\(path); sleep 0.3 | unshare -m sh -c '\(Self.mount) && \(path) wait; :'; :"
            let run = try record(script, in: directory, packs: true)
            #expect(!run.error.contains("is not the file"), "\(run.error)")
            let fold = try fold()
            for name in ["inside", "outside"] {
                #expect(fold.output.contains(";\(name)_spawns;/bin/true 1\n"), "\(fold.output)")
            }
            #expect(fold.error == "")
        }
    }

    /// chroot(2) alone, into a directory that has the program under a path of its own.
    @Test func aProgramBelowAnotherRoot() throws {
        try withPrograms { directory in
            try Compiler.run(["mkdir", "-p", directory + "/root" + directory + "/bin", directory + "/root/bin"])
            try Compiler.run(["cp", directory + "/inside", directory + "/root" + directory + "/bin/program"])
            let path = directory + "/bin/program"
            // Nothing of this kind is there: the child of the program's fork fails.
            let run = try record("sleep 0.3 | chroot root \(path) wait; :", in: directory)
            #expect(!run.error.contains("is not the file"), "\(run.error)")
            let list = try ProgramRun("perf", "buildid-list", "-i", session)
            #expect(list.output.contains("\(try buildID(directory + "/inside")) \(path)"), "\(list.output)")
            #expect(!(try fold()).output.contains("outside_spawns"))
        }
    }

    private var session: String { directory.session }
}
