/// A line of a code block that calls spawnscope. A comment at its end may say "# exits with 3", or "# untested: why" where the tests
/// cannot run it.
struct DocumentedCommand {
    var page: String
    var line: Int
    var text: String

    var place: String { "\(page):\(line): \(text)" }

    var isUntested: Bool { text.contains("# untested: ") }

    var expectedStatus: Int32 {
        guard let match = text.firstMatch(of: #/# exits with (\d+)/#) else { return 0 }
        return Int32(match.output.1) ?? -1
    }

    static func all(in page: DocumentationPage) -> [DocumentedCommand] {
        page.blocks.flatMap { all(in: $0, of: page.path) }
    }

    private static func all(in block: DocumentationPage.Block, of page: String) -> [DocumentedCommand] {
        var commands: [DocumentedCommand] = []
        var isContinued = false
        for line in block.lines {
            // In a console block only lines after a prompt are typed, the rest is output; elsewhere every line is typed.
            guard block.language != "console" || line.text.hasPrefix("$ ") || isContinued else { continue }
            let text = line.text.hasPrefix("$ ") ? String(line.text.dropFirst(2)) : line.text
            if isContinued {
                commands[commands.count - 1].text += "\n" + text
            } else {
                commands.append(DocumentedCommand(page: page, line: line.number, text: text.trimmed))
            }
            isContinued = text.hasSuffix("\\")
        }
        return commands.filter { $0.callsSpawnscope }
    }

    /// Whether a word of it is the program's name: not within a path, nor in a comment.
    private var callsSpawnscope: Bool {
        guard !text.hasPrefix("#") else { return false }
        let typed = text.firstMatch(of: #/\s#\s/#).map { text[..<$0.range.lowerBound] } ?? text[...]
        return typed.contains(#/(^|[\s|;(])spawnscope\s+[a-z]/#)
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
