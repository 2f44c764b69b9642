import Glibc
import TestSupport
import Testing

/// Programs without a name: deleted, replaced or never in a directory. While they live, they are found by what they have mapped.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedDeletedFileTests {
    private let directory = SessionDirectory()

    /// Spawns for each byte that it reads, and answers; with `memfd` as its argument, from a copy in memory.
    private static let source = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <sys/mman.h>
        #include <sys/sendfile.h>
        #include <sys/wait.h>
        #include <unistd.h>
        __attribute__((noinline)) static void FUNCTION(void) {
            long pid;
            __asm__ volatile("syscall" : "=a"(pid) : "a"(57) : "rcx", "r11", "memory");
            char *arguments[] = {"/bin/true", NULL};
            if (pid == 0) execv(arguments[0], arguments), _exit(127);
            if (waitpid(pid, NULL, 0) != pid) _exit(1);
        }
        int main(int argc, char **argv, char **environment) {
            if (argc > 1) {
                int file = open("/proc/self/exe", O_RDONLY), copy = memfd_create("made", MFD_CLOEXEC);
                while (sendfile(copy, file, NULL, 1 << 20) > 0) {}
                fexecve(copy, (char *[]){"made", NULL}, environment);
                return 2;
            }
            char byte;
            while (read(0, &byte, 1) > 0) FUNCTION(), write(1, &byte, 1);
            return 0;
        }
        """

    private func withPrograms(_ body: (_ directory: String) throws -> Void) throws {
        try Compiler.withDirectory { directory in
            for name in ["alpha", "beta"] {
                let flags = [
                    "-static", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-Wl,--build-id",
                    "-DFUNCTION=\(name)_spawns",
                ]
                let program = try Compiler.program(Self.source, flags, in: directory)
                try Compiler.run(["mv", program, "\(directory)/\(name)"])
            }
            try body(directory)
        }
    }

    /// Runs the program in the background, then `before`, and records it while it spawns once; it lives until the recorder has ended.
    private func record(_ argument: String, before: String, in directory: String) throws -> ProgramRun {
        try ProgramRun(
            "sh", "-c",
            """
            cd "$3" && mkfifo go answer && { ./alpha \(argument) <go >answer & p=$!; } && exec 3>go 4<answer
            echo >&3; read x <&4; \(before); "$1" record -o "$2" -p $p & r=$!; n=0
            until grep -qE '^(232|281) ' /proc/$r/syscall || [ $n -gt 1500 ]; do n=$((n+1)); sleep 0.02; done
            echo >&3; read x <&4; kill -TERM $r; wait $r; s=$?; exec 3>&-; wait $p; exit $s
            """, "sh", PerfPrivileges.program, self.directory.session, directory)
    }

    private func buildID(_ path: String) throws -> String {
        let run = try ProgramRun("readelf", "-n", path)
        return try #require(run.lines.first { $0.contains("Build ID: ") }?.split(separator: " ").last.map(String.init))
    }

    /// What is put in its place never names it.
    @Test(arguments: [
        ("", "rm alpha", "alpha (deleted)"), ("", "mv beta alpha", "alpha (deleted)"),
        ("memfd", "mv beta alpha", "/memfd:made (deleted)"),
    ])
    func aProgramThatLives(argument: String, before: String, name: String) throws {
        try withPrograms { directory in
            let known = try buildID(directory + "/alpha")
            let run = try record(argument, before: before, in: directory)
            // SIGTERM: a shell's background commands do not see SIGINT.
            #expect(run.status == 128 + SIGTERM, "\(run.error)")
            #expect(
                !run.error.contains("could not be reached") && !run.error.contains("is not the file"), "\(run.error)")
            let path = name.hasPrefix("/") ? name : "\(directory)/\(name)"
            let list = try ProgramRun("perf", "buildid-list", "-i", self.directory.session)
            #expect(list.output.contains("\(known) \(path)"), "\(list.output)")
            let fold = try ProgramRun(
                PerfPrivileges.program, "fold", "--frames", "callsite,program", self.directory.session)
            #expect(fold.lines.count == 1 && !fold.output.contains("beta_spawns"), "\(fold.output)")
        }
    }

    /// One that has ended cannot be found, which is said.
    @Test func aProgramThatHasEnded() throws {
        try withPrograms { directory in
            let script = """
                cd \(directory); echo | ./alpha memfd; cp alpha copy; mkfifo answer
                (exec 4<answer; echo; read x <&4; rm copy; echo; read x <&4) | ./copy >answer; :
                """
            let run = try self.directory.record("--", "sh", "-c", script)
            #expect(run.status == 0)
            #expect(
                run.error.contains("(and 1 more) could not be reached any more when the recording ended"),
                "\(run.error)")
        }
    }
}
