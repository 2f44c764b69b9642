import TestSupport
import Testing

/// Every example of every help is run as it stands, by a shell, in a directory that has what it names.
@Suite(.enabled(if: PerfPrivileges.available)) struct HelpExampleTests {
    @Test func allSubcommandsAreKnownHere() throws {
        let help = try ProgramRun(PerfPrivileges.program, "--help").output
        let lines = help.split(separator: "\n").drop { $0 != "SUBCOMMANDS:" }.dropFirst()
        let named = lines.prefix { $0.hasPrefix("  ") }.filter { !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }.filter { $0 != "See" }
        #expect(named == SubcommandHelp.subcommands)
    }

    @Test func everyExampleRuns() throws {
        let directory = try ExampleDirectory()
        var count = 0
        for subcommand in SubcommandHelp.subcommands {
            let examples = try SubcommandHelp.examples(subcommand)
            #expect(!examples.isEmpty, "\(subcommand) has no example")
            for example in examples {
                // Each subcommand from the same start: a recording of the whole machine holds what others left behind.
                let run = try directory.run(example, in: subcommand)
                #expect(run.isAsExpected(0), "\(example): \(run.statuses), \(run.error)")
                count += 1
            }
        }
        #expect(count >= 25)
    }
}
