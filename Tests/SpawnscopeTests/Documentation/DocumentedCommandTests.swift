import TestSupport
import Testing

/// Every command line of the pages is run as it stands, page by page, each page from the same start.
@Suite(.enabled(if: PerfPrivileges.available)) struct DocumentedCommandTests {
    @Test func everyCommandRuns() throws {
        let directory = try ExampleDirectory()
        var (ran, untested) = (0, 0)
        for (index, page) in try DocumentationPage.guides.enumerated() {
            for command in DocumentedCommand.all(in: page) {
                if command.isUntested {
                    untested += 1
                    continue
                }
                let run = try directory.run(command.text, in: "page\(index)")
                #expect(run.isAsExpected(command.expectedStatus), "\(command.place): \(run.statuses), \(run.error)")
                ran += 1
            }
        }
        #expect(ran >= 75)
        // A few commands may need another machine; a page full of them would be untested.
        #expect(untested <= 3)
    }

    @Test func everyExampleOfTheOverviewRuns() throws {
        let examples = try ManualPage(nil).examples
        #expect(examples.count >= 8)
        let directory = try ExampleDirectory()
        for (index, example) in examples.enumerated() {
            // Each from the same start: a recording of the whole machine holds what others left behind.
            let run = try directory.run(example, in: "example\(index)")
            #expect(run.isAsExpected(0), "\(example): \(run.statuses), \(run.error)")
        }
    }

    @Test func everyBudgetOfThePagesIsOne() throws {
        let directory = try ExampleDirectory()
        var count = 0
        for page in try DocumentationPage.guides {
            for block in page.blocks where block.lines.first?.text.hasPrefix("schema: spawnscope.budget/") == true {
                let text = block.lines.map(\.text).joined(separator: "\n")
                let run = try directory.run("cat >page.yml <<'END'\n\(text)\nEND\nspawnscope budget --file page.yml")
                // Within or over: a file with a mistake is neither.
                #expect(run.statuses == [0] || run.statuses == [1], "\(page.path): \(run.statuses), \(run.error)")
                count += 1
            }
        }
        #expect(count >= 1)
    }
}

/// What can be checked in the pages without running anything.
@Suite struct DocumentationTextTests {
    /// Indented blocks are for output: a command there would never be run.
    @Test func everyCommandIsBetweenFences() throws {
        for page in try DocumentationPage.guides {
            for line in page.prose where line.text.hasPrefix("    ") {
                let isCommand = line.text.contains(#/^ +(\$ )?(sudo (-\S+ )*)?spawnscope [a-z]/#)
                #expect(!isCommand, "\(page.path):\(line.number): \(line.text)")
            }
        }
    }

    /// Other programs' options that the pages mention.
    private static let others: Set<String> = [
        "--api-key", "--call-graph", "--interpreted-frames-native-stack", "--key-file", "--password",
        "--perf-basic-prof",
        "--prefix", "--show-cgroup-events", "--stdio", "--switch-output", "--symfs", "--threads", "--token-ttl",
    ]

    @Test func everyOptionInTheTextIsOne() throws {
        var known = Self.others
        for subcommand in SubcommandHelp.subcommands { try known.formUnion(SubcommandHelp.options(subcommand)) }
        var count = 0
        for page in try DocumentationPage.guides {
            for span in page.codeSpans {
                for match in span.text.matches(of: #/(?:^|\s)(--[a-z][a-z-]*)/#) {
                    #expect(known.contains(String(match.output.1)), "\(page.path):\(span.number): \(span.text)")
                    count += 1
                }
            }
        }
        #expect(count >= 60)
    }
}
