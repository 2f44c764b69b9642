import TestSupport
import Testing

/// The manual has a page for each subcommand, with the options and examples of its help.
@Suite struct ManualTests {
    @Test func everySubcommandHasAPage() throws {
        let pages = ["spawnscope.1"] + SubcommandHelp.subcommands.map { "spawnscope-\($0).1" }
        #expect(TextFile.names(in: "docs/man") == pages.sorted())
    }

    @Test(arguments: SubcommandHelp.subcommands)
    func aPageHasTheOptionsOfTheHelp(subcommand: String) throws {
        let (page, help) = try (ManualPage(subcommand).options, SubcommandHelp.options(subcommand))
        #expect(help.contains("--help"))
        #expect(page == help, "only in one: \(page.symmetricDifference(help).sorted())")
    }

    /// A page may mention options of other subcommands, as the overview does.
    @Test(arguments: [nil] + SubcommandHelp.subcommands)
    func aPageSpeaksOfOptionsThatThereAre(subcommand: String?) throws {
        var known: Set<String> = ["-"]
        for name in SubcommandHelp.subcommands { try known.formUnion(SubcommandHelp.options(name)) }
        // An option of perf record.
        if subcommand == "pack" { known.insert("--call-graph") }
        for option in try ManualPage(subcommand).mentionedOptions where option != "--" {
            #expect(known.contains(option), "\(option)")
        }
    }

    /// HelpExampleTests runs the help's examples, and these are the same lines.
    @Test(arguments: SubcommandHelp.subcommands)
    func aPageHasTheExamplesOfTheHelp(subcommand: String) throws {
        let examples = try SubcommandHelp.examples(subcommand)
        #expect(!examples.isEmpty)
        #expect(try ManualPage(subcommand).examples == examples)
    }

    @Test func pagesReferToPagesThatThereAre() throws {
        let overview = try ManualPage(nil).references
        for subcommand in SubcommandHelp.subcommands {
            #expect(overview.contains("spawnscope-\(subcommand)"))
            let references = try ManualPage(subcommand).references
            #expect(references.contains("spawnscope"))
            for name in references { #expect(TextFile.exists("docs/man/\(name).1"), "\(name)") }
        }
    }
}
