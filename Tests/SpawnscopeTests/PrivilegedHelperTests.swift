import Foundation
import Glibc
import TestSupport
import Testing

/// The helper with file capabilities, for a user without any rights: it records what that user started, as root's recording would,
/// and shows them nothing that is not theirs.
@Suite(.enabled(if: PerfPrivileges.available), .serialized) struct PrivilegedHelperTests {
    private let user: TestUser
    private let programs = FoldDirectory()
    private static let words = "zq71secret"

    struct Failure: Error { var text: String }

    init() throws {
        user = try TestUser()
        let script = """
            set -e; cd "$1"; setcap cap_bpf,cap_perfmon,cap_dac_read_search=p spawnscope-capture
            echo \(Self.words) >secret; chmod 600 secret
            """
        let run = try ProgramRun("/bin/sh", "-c", script, "sh", user.directory)
        guard run.status == 0 else { throw Failure(text: run.error) }
    }

    private func python(_ script: String) throws -> ProgramRun {
        let path = user.directory + "/attack.py"
        try Compiler.write(Array(HelperAttack.library.utf8) + Array(script.utf8), to: path)
        return try user.shell("cd \(user.home) && python3 \(path) \(user.directory)/spawnscope-capture")
    }

    @Test func itRecordsEverything() throws {
        let run = try user.shell(
            "$program record -o s.data -- sh -c '/bin/true; /nonexistent/x; (exit 3); grep Cap /proc/self/status; exit 5'"
        )
        #expect(run.status == 5 && run.error.contains("4 spawns in ") && !run.error.contains("ptrace"), "\(run.error)")
        for name in ["Inh", "Prm", "Eff", "Amb"] {
            #expect(run.output.contains("Cap\(name):\t0000000000000000\n"), "\(run.output)")
        }
        let problems = try ReportChecker.problems(
            try user.shell("$program report --format json --spawns s.data").output,
            """
            assert report["session"]["recorder"] == "joined", report["session"]
            rows = {spawn.get("status"): spawn for spawn in report["spawns"]}
            assert set(rows[3]["phases"]) >= {"create", "wake", "run", "reap"}, rows
            failure = report["failures"][0]
            assert [failure[key] for key in ("path", "errno", "attempts")] == ["/nonexistent/x", "ENOENT", 1], failure
            assert report["totals"]["unreaped"] == 0 and report["session"]["truncated_stacks"] == 0, report
            """, in: programs.path)
        #expect(problems == "")
        let fold = try user.shell("$program fold --names perf s.data; $program fold s.data")
        #expect(fold.output.contains("main") || fold.output.contains("_start"), "\(fold.output)")
    }

    @Test func itFollowsWhatRuns() throws {
        let run = try user.shell(
            "sh -c 'sleep 0.5; /bin/true; /bin/true; :' & $program record -p $! -o s.data; wait; $program report s.data"
        )
        #expect(run.status == 0 && run.output.contains("/bin/true"), "\(run.error) \(run.output)")
        let refused = try user.shell("$program record -p 1 --duration 100ms -o t.data")
        #expect(refused.status == 125, "\(refused.error)")
    }

    /// What a program with other rights keeps in its memory is not its caller's, nor are its addresses.
    @Test func memoryOfOtherRightsStaysUnread() throws {
        let source = """
            #include <fcntl.h>
            #include <spawn.h>
            #include <stdio.h>
            #include <sys/wait.h>
            #include <unistd.h>
            extern char **environ;
            int main(int count, char **arguments) {
                char secret[64] = {0};
                int file = open(arguments[1], O_RDONLY);
                if (file < 0 || read(file, secret, 60) < 5) return 9;
                char *words[] = {"/bin/true", NULL};
                pid_t child;
                for (int i = 0; i < 5; i++) {
                    if (posix_spawn(&child, "/bin/true", NULL, NULL, words, environ)) return 8;
                    waitpid(child, NULL, 0);
                }
                char path[80] = "/nonexistent/";
                for (int i = 0; secret[i] > ' '; i++) path[13 + i] = secret[i];
                if (!posix_spawn(&child, path, NULL, NULL, words, environ)) waitpid(child, NULL, 0);
                return secret[0] == 'z' ? 0 : 7;
            }
            """
        try Compiler.write(Array(source.utf8), to: user.directory + "/rights.c")
        let build = try ProgramRun(
            "/bin/sh", "-c",
            "cd \"$1\" && gcc -O1 -o rights rights.c && chmod 4755 rights && cp rights plain && chmod 755 plain",
            "sh", user.directory)
        try #require(build.status == 0, "\(build.error)")
        let run = try user.shell(
            "$program record --no-pack -o s.data -- \(user.directory)/rights \(user.directory)/secret; echo $?;"
                + " grep -c \(Self.words) s.data; $program report s.data; $program report --format json s.data")
        #expect(run.lines.prefix(2) == ["0", "0"], "\(run.output)")
        // Nor is which files it executes.
        #expect(!run.output.contains("/bin/true") && run.error.contains("6 spawns in "), "\(run.error)")
        // It can be seen where the rights are the user's.
        let own = try user.shell(
            "echo \(Self.words) >mine; $program record --no-pack -o o.data -- \(user.directory)/plain mine; grep -c \(Self.words) o.data"
        )
        #expect(own.lines.last.flatMap { Int($0) } ?? 0 > 0, "\(own.output) \(own.error)")
    }

    /// A setgid program that takes its group wholly and then executes another has memory of that group's, which is dumpable.
    @Test func memoryOfAnotherGroupStaysUnread() throws {
        let source = """
            #define _GNU_SOURCE
            #include <unistd.h>
            int main(int count, char **arguments) {
                gid_t group = getegid();
                if (setresgid(group, group, group)) return 9;
                execv(arguments[1], arguments + 1);
                return 8;
            }
            """
        let reader = """
            #include <fcntl.h>
            #include <stdio.h>
            #include <sys/wait.h>
            #include <unistd.h>
            int main(int count, char **arguments) {
                char secret[64] = {0};
                int file = open(arguments[1], O_RDONLY);
                if (file < 0 || read(file, secret, 60) < 5) return 7;
                for (int i = 0; i < 5; i++) {
                    pid_t child = fork();
                    if (child == 0) _exit(secret[0] != 'z');
                    waitpid(child, NULL, 0);
                }
                char path[80];
                snprintf(path, sizeof path, "/nonexistent/%s", secret);
                execl(path, path, NULL);
                return secret[0] == 'z' ? 0 : 6;
            }
            """
        try Compiler.write(Array(source.utf8), to: user.directory + "/group.c")
        try Compiler.write(Array(reader.utf8), to: user.directory + "/reader.c")
        let script = """
            set -e; cd "$1"; for name in group reader; do gcc -O1 -o $name $name.c; done
            groupadd "$2-other"; chgrp "$2-other" group secret; chmod 2755 group; chmod 640 secret
            """
        defer { _ = try? ProgramRun("groupdel", user.name + "-other") }
        let build = try ProgramRun("/bin/sh", "-c", script, "sh", user.directory, user.name)
        try #require(build.status == 0, "\(build.error)")
        let directory = user.directory
        let run = try user.shell(
            "$program record --no-pack -o s.data -- \(directory)/group \(directory)/reader \(directory)/secret; echo $?;"
                + " grep -c \(Self.words) s.data")
        #expect(run.lines == ["0", "0"] && run.error.contains("5 spawns in "), "\(run.output) \(run.error)")
    }

    /// Others could have it run what they like.
    @Test(arguments: ["chown nobody", "chmod g+w"]) func aHelperOfOthersIsNotRun(change: String) throws {
        let script =
            "cd \"$1\" && printf '#!/bin/sh\\necho RAN >&2\\n' >spawnscope-capture && \(change) spawnscope-capture"
            + " && setcap cap_bpf=p spawnscope-capture"
        try #require(try ProgramRun("/bin/sh", "-c", script, "sh", user.directory).status == 0)
        let run = try user.shell("$program record -o s.data -- /bin/true; $program doctor")
        #expect(run.error.contains("recorded by ptrace") && !run.error.contains("RAN"), "\(run.error)")
        #expect(run.output.contains("is not root's alone") && !run.output.contains("setcap cap_bpf,"), "\(run.output)")
    }

    @Test func itAnswersNothingElse() throws {
        let run = try python(HelperAttack.requests)
        #expect(run.status == 0 && run.output == "all refused\n", "\(run.output) \(run.error)")
    }

    @Test func itFollowsNobodyElse() throws {
        let run = try python(HelperAttack.follows)
        #expect(run.status == 0 && run.output == "all refused\n", "\(run.output) \(run.error)")
    }

    /// The ring shows neither strangers nor addresses of the kernel.
    @Test func theRingHasNothingOfTheKernel() throws {
        let run = try python(HelperAttack.ring)
        #expect(run.status == 0 && run.output == "clean\n", "\(run.output) \(run.error)")
    }

    @Test func itCannotBeHadByTheThousand() throws {
        let run = try python(HelperAttack.crowd)
        #expect(run.status == 0 && run.output == "4\n", "\(run.output) \(run.error)")
    }

    /// Not by its environment, not by closed descriptors, not by ptrace.
    @Test func itIsNoDoor() throws {
        let run = try python(HelperAttack.door)
        #expect(run.status == 0 && run.output == "shut\n", "\(run.output) \(run.error)")
    }

    @Test func withoutCapabilitiesItIsNotUsed() throws {
        try #require(try ProgramRun("setcap", "-r", user.directory + "/spawnscope-capture").status == 0)
        let run = try user.shell("$program record -o s.data -- sh -c '/bin/true; :'; $program doctor")
        #expect(run.error.contains("recorded by ptrace"), "\(run.error)")
        #expect(run.output.contains("sudo setcap cap_bpf,cap_perfmon,cap_dac_read_search=p"), "\(run.output)")
    }
}
