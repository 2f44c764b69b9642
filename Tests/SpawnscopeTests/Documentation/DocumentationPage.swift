/// A Markdown page of the repository.
struct DocumentationPage {
    /// In the repository.
    let path: String
    let lines: [String]

    /// The README and everything below docs.
    static var guides: [DocumentationPage] {
        get throws { try (["README.md"] + TextFile.files(below: "docs", suffix: ".md")).map(DocumentationPage.init) }
    }

    /// Every page of the repository: those, the others at its top, and the results.
    static var all: [DocumentationPage] {
        get throws {
            let others = TextFile.names(in: ".").filter { $0.hasSuffix(".md") && $0 != "README.md" }
            let results = TextFile.files(below: "Results", suffix: ".md")
            return try guides + (others + results).map(DocumentationPage.init)
        }
    }

    init(_ path: String) throws {
        self.path = path
        lines = try TextFile.content(path).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// A line of a page, counted from 1.
    struct Line {
        var number: Int
        var text: String
    }

    /// The lines between two fences.
    struct Block {
        var language: String
        var lines: [Line]
    }

    var blocks: [Block] {
        var blocks: [Block] = []
        var isOpen = false
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("```") {
                isOpen.toggle()
                if isOpen { blocks.append(Block(language: String(line.dropFirst(3)), lines: [])) }
            } else if isOpen {
                blocks[blocks.count - 1].lines.append(Line(number: index + 1, text: line))
            }
        }
        return blocks
    }

    /// What stands outside of fences, indented blocks included.
    var prose: [Line] {
        var isOpen = false
        return lines.enumerated().compactMap { index, line in
            if line.hasPrefix("```") { isOpen.toggle() }
            return isOpen || line.hasPrefix("```") ? nil : Line(number: index + 1, text: line)
        }
    }

    /// The anchors that GitHub gives the page's headings.
    var anchors: Set<String> {
        Set(
            prose.filter { $0.text.hasPrefix("#") }.map { line in
                let title = line.text.drop { $0 == "#" }.drop { $0 == " " }
                let kept = title.lowercased().filter {
                    $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == " "
                }
                return kept.replacing(" ", with: "-")
            })
    }

    struct Link {
        var line: Int
        var target: String
    }

    /// The targets of links and pictures.
    var links: [Link] {
        prose.filter { !$0.text.hasPrefix("    ") }.flatMap { line in
            line.text.matches(of: #/\]\(([^)\s]+)\)/#).map { Link(line: line.number, target: String($0.output.1)) }
        }
    }

    /// What stands between backticks in the text.
    var codeSpans: [Line] {
        prose.filter { !$0.text.hasPrefix("    ") }.flatMap { line in
            line.text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
                .map { Line(number: line.number, text: String($0.element)) }
        }
    }
}
