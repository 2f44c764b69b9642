import Glibc
import TestSupport
import Testing

/// Fresh recordings held against budgets, in one step and in two.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedBudgetTests {
    private let sessions = SessionDirectory()
    private let directory = BudgetDirectory()

    private func record(_ options: [String] = [], _ command: String...) throws -> ProgramRun {
        try ProgramRun(
            [PerfPrivileges.program, "record", "-o", sessions.session, "--budget", directory.file] + options + ["--"]
                + command)
    }

    /// Three times the same; then one git more, by a function that the budget does not know.
    @Test func oneMoreCallIsNamed() throws {
        let source = """
            #include <stdlib.h>
            #include <spawn.h>
            #include <sys/wait.h>
            extern char **environ;
            __attribute__((noinline)) void start(char *program) {
                char *arguments[] = {program, 0};
                int child;
                if (!posix_spawn(&child, program, 0, 0, arguments, environ)) waitpid(child, 0, 0);
                __asm__ volatile("");
            }
            __attribute__((noinline)) void compile(void) { for (int i = 0; i < 3; i++) start("/bin/true"); __asm__ volatile(""); }
            __attribute__((noinline)) void describe_version(void) { start("/bin/echo"); __asm__ volatile(""); }
            int main(int count, char **words) {
                compile();
                if (count > 1) describe_version();
                return count > 2 ? 7 : 0;
            }
            """
        let program = try Compiler.program(source, [], in: directory.path)
        #expect(try sessions.record("--", program).status == 0)
        #expect(try directory.budget(sessions.session, "--init").status == 0)
        for _ in 0..<3 {
            let run = try record([], program)
            #expect(run.status == 0 && run.error.contains("within budget: "), "\(run.error)")
        }
        let run = try record([], program, "more")
        #expect(run.status == 1 && run.error.contains("over budget: "), "\(run.error)")
        #expect(
            run.error.contains(
                "    1 from main > describe_version > start [program], starting /bin/echo  <- new call site, new program"
            ),
            "\(run.error)")
        #expect(try directory.budget(sessions.session).status == 1)
        // The command's own status comes first; the verdict is told nevertheless.
        let failed = try record([], program, "more", "fails")
        #expect(failed.status == 7 && failed.error.contains("over budget: "), "\(failed.error)")
    }

    /// A spawn that executes one program after another counts for each of them, as budgets select it.
    @Test func aFirstBudgetHoldsItsOwnSession() throws {
        let script = "/bin/sh -c 'exec /bin/true'; /bin/sh -c ':'; :"
        let run = try ProgramRun(
            PerfPrivileges.program, "record", "-q", "-o", sessions.session, "--", "bash", "-c", script)
        #expect(run.status == 0, "\(run.error)")
        let made = try ProgramRun(
            PerfPrivileges.program, "budget", "--init", "--file", directory.file, sessions.session)
        #expect(made.status == 0, "\(made.error)")
        let verdict = try ProgramRun(PerfPrivileges.program, "budget", "--file", directory.file, sessions.session)
        #expect(verdict.status == 0, "\(verdict.output) \(verdict.error)")
    }

    /// A command that failed may have done less than it does.
    @Test func aCommandThatFailed() throws {
        try directory.write("- {name: all, spawns: 5}\n- {name: gone, program: gone, spawns: 5}")
        let run = try record([], "/bin/sh", "-c", "/bin/true; exit 3")
        #expect(run.status == 3 && run.error.contains("the command failed (status 3)"), "\(run.error)")
        let after = try directory.budget(sessions.session)
        #expect(after.status == 3 && after.output.contains("the command failed (status 3)"))
        try directory.write("- {name: all, spawns: 5}")
        #expect(try directory.budget(sessions.session, "--ignore-failure").status == 0)
        #expect(try directory.budget(sessions.session, "--update").status == 3)
        let killed = try record([], "/bin/sh", "-c", "kill -TERM $$")
        #expect(killed.status == 128 + SIGTERM && killed.error.contains("ended by signal 15"), "\(killed.error)")
    }

    @Test func verdictsGoWhereTheyAreWanted() throws {
        try directory.write("- {name: all, spawns: 1}")
        let output = directory.path + "/verdict"
        for (format, start) in [("json", "{"), ("junit", "<?xml"), ("markdown", "### ✅"), ("text", "/bin/sh")] {
            let run = try record(
                ["--budget-format", format, "--budget-output", output], "/bin/sh", "-c", "echo out; /bin/true; :")
            #expect(run.status == 0 && run.output == "out\n" && run.error.contains("within budget: "), "\(run.error)")
            let text = String(decoding: try Compiler.bytes(output), as: UTF8.self)
            // Markdown goes behind what is there, as a job's summary wants it; all else takes its place.
            #expect(
                format == "markdown" ? text.hasPrefix("<?xml") && text.contains("\n" + start) : text.hasPrefix(start))
        }
        for count in 1...2 {
            #expect(try record(["--budget-format", "markdown", "--budget-output", output + ".md"], "true").status == 0)
            let text = String(decoding: try Compiler.bytes(output + ".md"), as: UTF8.self)
            #expect(text.split(separator: "###").count == count, "\(text)")
        }
        // Not to a stranger's file.
        _ = chown(output + ".md", 65534, 65534)
        let foreign = try record(["--budget-format", "markdown", "--budget-output", output + ".md"], "true")
        #expect(foreign.status == 73 && foreign.error.contains("verdict.md: Permission denied"), "\(foreign.error)")
        let full = try record(["--budget-output", "/dev/full"], "true")
        #expect(full.status == 73 && full.error.contains("/dev/full: is a device"), "\(full.error)")
        let none = try record(["--budget-output", directory.path + "/none/v"], "true")
        #expect(none.status == 73 && none.error.contains("none/v: No such file"), "\(none.error)")
    }

    /// A mistake in the file is found before the command has run; one that only the session shows, after it.
    @Test func mistakesInTheFile() throws {
        try directory.write("- {name: all, spawn: 1}")
        let run = try record([], "echo", "ran")
        #expect(
            run.status == 125 && run.output == "" && run.error.contains("budget.yml:3:15: unknown key"), "\(run.error)")
        try directory.write("- {name: gone, program: gone, spawns: 1}")
        let late = try record([], "true")
        #expect(late.status == 0 && late.error.contains("warning: budget 'gone' matches no spawn"), "\(late.error)")
        // The file of the verdict is there, whatever the verdict is.
        let output = directory.path + "/verdict.json"
        let strict = try record(["--strict-selectors", "--budget-format", "json", "--budget-output", output], "true")
        #expect(
            strict.status == 65 && strict.error.contains("budget.yml:3:3: budget 'gone' matches no spawn"),
            "\(strict.error)")
        #expect(String(decoding: try Compiler.bytes(output), as: UTF8.self).contains("\"matches_nothing\": true"))
        let options = try sessions.record("--budget-format", "json", "--", "echo", "ran")
        #expect(options.status == 125 && options.output == "" && options.error.contains("go with --budget FILE"))
    }

    /// Lost events, and recordings that ended before their command did.
    @Test func whatIsMissingIsNeverWithin() throws {
        try directory.write("- {name: all, spawns: 100000}")
        let program = try Workload.build("spawn_loop", in: directory.path)
        // The second loop is started when the ring has room again: whose it is would else be lost with its creation.
        let script = "kill -STOP $PPID; \"$1\" 300 >/dev/null; kill -CONT $PPID; sleep 0.3; \"$1\" 100 >/dev/null"
        let lost = try record(["--ring-size", "4K"], "sh", "-c", script, "sh", program)
        #expect(lost.status == 3 && lost.error.contains("cannot tell whether it is within budget: the kernel dropped"))
        #expect(try directory.budget(sessions.session).status == 3)
        try directory.write("- {name: all, spawns: 0}")
        #expect(try directory.budget(sessions.session).status == 1)
        try directory.write("- {name: all, spawns: 100000}")
        let short = try record(["--duration", "50ms"], "sh", "-c", "/bin/true; sleep 0.3; /bin/true")
        #expect(short.status == 3 && short.error.contains("ended before the command did (duration)"), "\(short.error)")
        let killed = try record([], "sh", "-c", "/bin/true; kill -KILL $PPID; sleep 0.1")
        #expect(killed.status == 137)
        let run = try directory.budget(sessions.session)
        #expect(run.status == 3 && run.output.contains("cut short"), "\(run.output)")
    }

    @Test func aStreamIsHeldAgainstIt() throws {
        try directory.write("- {name: all, spawns: 0}")
        let run = try directory.programs.shell(
            "${fold% fold} record -o - --budget budget.yml -- sh -c '/bin/true; :' >stream; echo $?; ${fold% fold} budget --file budget.yml - <stream"
        )
        #expect(run.lines.first == "1" && run.status == 1 && run.output.contains("over budget: "), "\(run.error)")
    }
}
