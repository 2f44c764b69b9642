import Testing

/// The code in the libraries' pages is that of the programs in Tests/Examples, which are built and run.
@Suite struct LibraryArticleTests {
    private static let libraries = ["PerfRecords", "PerfData", "ELFImages", "Unwinding"]

    private static func pages(of library: String) throws -> [DocumentationPage] {
        try TextFile.files(below: "Sources/\(library)/\(library).docc", suffix: ".md").map(DocumentationPage.init)
    }

    /// The lines of a text that are not blank, without what indents them.
    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
    }

    @Test(arguments: libraries)
    func everyBlockIsTakenFromAnExample(_ library: String) throws {
        let files = ["Tests/Examples/Package.swift"] + TextFile.files(below: "Tests/Examples/Sources", suffix: ".swift")
        let examples = try files.map { Self.lines(try TextFile.content($0)) }
        let pages = try Self.pages(of: library)
        #expect(!pages.isEmpty)
        for page in pages {
            for block in page.blocks {
                let place = "\(page.path):\(block.lines.first?.number ?? 0)"
                #expect(block.language == "swift", "\(place) is \(block.language)")
                let wanted = Self.lines(block.lines.map(\.text).joined(separator: "\n"))
                #expect(!wanted.isEmpty && examples.contains { $0.contains(wanted) }, "\(place) is in no example")
            }
        }
    }

    /// An article names the programs that it shows, and leaves nothing of them out but the comment at the top.
    @Test(arguments: libraries.dropFirst())
    func everyArticleShowsItsProgramsWhole(_ library: String) throws {
        let articles = try Self.pages(of: library).filter { !$0.path.hasSuffix("/\(library).md") }
        #expect(!articles.isEmpty)
        for article in articles {
            let shown = article.blocks.map { Self.lines($0.lines.map(\.text).joined(separator: "\n")) }
            let programs = Set(article.codeSpans.map(\.text).filter { $0.hasPrefix("Tests/Examples/Sources/") })
            #expect(!programs.isEmpty, "\(article.path) names no program")
            for program in programs {
                let files = TextFile.files(below: program, suffix: ".swift")
                #expect(!files.isEmpty, "\(article.path): \(program) is no program")
                for file in files {
                    let code = Self.lines(try TextFile.content(file)).drop { $0.hasPrefix("//") }
                    #expect(shown.contains(Array(code)), "\(article.path) does not show \(file) as it is")
                }
            }
        }
    }

    /// As its article says.
    @Test func foldingTakesThirtyLines() throws {
        let code = Self.lines(try TextFile.content("Tests/Examples/Sources/FoldModules/main.swift"))
        #expect(code.drop { $0.hasPrefix("//") }.count <= 30)
    }
}
