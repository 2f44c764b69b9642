import Glibc
import TestSupport
import Testing

/// A recording that was made under another host's name is one of another machine.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedOtherMachineTests {
    private let directory = FoldDirectory()

    /// Programs with a build ID have names, those without have none, and that is said once.
    @Test(arguments: [true, false]) func programsOfAnotherMachine(hasBuildID: Bool) throws {
        let session = directory.path + "/s.data"
        let source = """
            #include <spawn.h>
            #include <sys/wait.h>
            extern char **environ;
            static char *words[] = {"true", 0};
            __attribute__((noipa)) void starter(void) {
                pid_t pid;
                if (posix_spawn(&pid, "/bin/true", 0, 0, words, environ) == 0) waitpid(pid, 0, 0);
                __asm__ volatile("");
            }
            int main(void) { starter(); return 0; }
            """
        let program = try Compiler.program(
            source, ["-O2", hasBuildID ? "-Wl,--build-id" : "-Wl,--build-id=none"], in: directory.path)
        let script = "hostname elsewhere && exec \"$0\" record -q --no-pack -o \"$1\" -- \"$2\""
        let record = try ProgramRun(
            "unshare", "--uts", "sh", "-c", script, PerfPrivileges.program, session, program)
        try #require(record.status == 0, "\(record.error)")
        for names in ["best", "perf"] {
            let fold = try ProgramRun(
                ["unshare", "--uts", "sh", "-c", "hostname here && exec \"$@\"", "sh", PerfPrivileges.program, "fold"]
                    + (names == "best"
                        ? ["--frames", "callsite"] : ["--names", "perf", "--event", "spawnscope:spawn"])
                    + [session])
            #expect(fold.status == 0, "\(fold.error)")
            if names == "best" {
                #expect(fold.output.contains("starter") == hasBuildID, "\(fold.output)")
                let told = fold.error.split(separator: "\n").filter { $0.contains("not on this machine") }
                #expect(told.count == (hasBuildID ? 0 : 1), "\(fold.error)")
            } else if !hasBuildID {
                #expect(!fold.output.contains("starter"), "\(fold.output)")
            }
        }
        let own = try ProgramRun(
            "unshare", "--uts", "sh", "-c", "hostname elsewhere && exec \"$@\"", "sh", PerfPrivileges.program, "fold",
            "--frames", "callsite", session)
        #expect(own.output.contains("starter") && own.error == "", "\(own.error)")
    }
}
