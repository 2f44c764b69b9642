import FoundationEssentials
import TestSupport
import Testing

/// Where a command begins behind the options of `record`, and what is said of names that there are not.
@Suite(
    .serialized,
    .enabled(if: PerfPrivileges.available, "perf events of the whole machine cannot be opened: see spawnscope doctor"))
struct PrivilegedCommandLineTests {
    private let directory = FoldDirectory()

    private func record(_ arguments: String) throws -> ProgramRun {
        try directory.shell("exec ${fold% fold} record \(arguments)")
    }

    /// Options behind the first word that is neither an option nor an option's value are the command's.
    @Test func theCommandHasItsOwnOptions() throws {
        let listed = try record("ls -la -o /")
        #expect(listed.status == 0 && listed.output.contains(" root ") && listed.error.contains(" in spawnscope.data"))
        let named = try record("-q --sample 99 -o named.data --redact x echo -n --output --help -- a")
        #expect(named.status == 0 && named.output == "--output --help -- a", "\(named.output)\(named.error)")
        let info = try directory.shell("${fold% fold} info named.data")
        #expect(info.output.contains("\ncommand: echo -n --output --help -- a\n"), "\(info.output)")
        #expect(try record("-q -o - -- echo -n").status == 0)
        #expect(try record("-q sh -c 'exit $#' sh -a --bogus").status == 2)
        // Before it they are not.
        let bogus = try record("--bogus ls -la")
        #expect(bogus.status == 125 && bogus.error.contains("Unknown option '--bogus'"), "\(bogus.error)")
        let missing = try record("-o")
        #expect(missing.status == 125 && missing.error.contains("Missing value"), "\(missing.error)")
    }

    /// The parser says which options have a value; where the command begins is found without it.
    @Test func aWordBehindAnOptionIsItsValueOrTheCommand() throws {
        struct Dump: Decodable {
            struct Command: Decodable { var arguments: [Argument] }
            struct Argument: Decodable {
                var kind: String
                var names: [Name]?
            }
            struct Name: Decodable {
                var kind: String
                var name: String
            }
            var command: Command
        }
        let dump = try record("--experimental-dump-help")
        let options = try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command.arguments
        var seen: Set<String> = []
        for option in options {
            for name in option.names ?? [] {
                let spelled = name.kind == "short" ? "-\(name.name)" : "--\(name.name)"
                // No recorder is named `none`, so nothing is recorded.
                let run = try record("--recorder none \(spelled) word --no-such-option")
                let isValue =
                    run.error.contains("Unknown option '--no-such-option'")
                    || run.error.contains("The value 'word' is invalid for '\(spelled)")
                #expect(isValue == (option.kind == "option"), "\(spelled): \(run.error)")
                seen.insert(spelled)
            }
        }
        #expect(seen.isSuperset(of: ["-o", "--output", "-q", "--budget", "-u", "--debuginfod", "--comparison"]))
        // Several in one word, and one with its value in it.
        for options in ["-qo word", "-oe word word", "--output=word -o word"] {
            let run = try record("--recorder none \(options) --no-such-option")
            #expect(run.error.contains("Unknown option '--no-such-option'"), "\(options): \(run.error)")
            let command = try record("--recorder none \(options) word --no-such-option")
            #expect(command.error.contains("'none' is no recorder"), "\(options): \(command.error)")
        }
    }

    @Test func namesThatThereAreNot() throws {
        let subcommand = try directory.shell("exec ${fold% fold} recrod ls")
        #expect(subcommand.status == 64 && subcommand.output == "")
        #expect(
            subcommand.error.hasPrefix("Error: 'recrod' is no subcommand (did you mean 'record'?): they are ")
                && subcommand.error.contains(" record, report, "),
            "\(subcommand.error)")
        let event = try record("-e sched:sched_swich -- true")
        #expect(event.status == 125 && event.error.contains("(did you mean 'sched:sched_switch'?)"), "\(event.error)")
        try Compiler.run([
            "sh", "-c",
            "echo 'void render(void) { __asm__(\"\"); } int main(void) { render(); }' | gcc -xc -o \(directory.path)/p -",
        ])
        let probe = try record("--probe ./p:rendr -- ./p")
        #expect(probe.error.contains("has no function rendr (did you mean 'render'?): it was not counted"))
        let far = try record("--probe ./p:nothing_like_it -- ./p")
        #expect(far.error.contains("has no function nothing_like_it: it was not counted"), "\(far.error)")
        let fold = try directory.shell("$fold \"$recording\" --event cpu-clok:u")
        #expect(fold.status == 65 && fold.error.contains("has no event 'cpu-clok:u' (did you mean 'cpu-clock:u'?)"))
    }
}
