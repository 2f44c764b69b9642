/// A page of docs/man, written in mdoc(7).
struct ManualPage {
    let lines: [Substring]

    /// `nil` is the overview, spawnscope(1).
    init(_ subcommand: String?) throws {
        let name = subcommand.map { "spawnscope-\($0)" } ?? "spawnscope"
        lines = try TextFile.content("docs/man/\(name).1").split(separator: "\n")
    }

    /// The options that have an item: ".It Fl o , -output Ar FILE" is `-o` and `--output`.
    var options: Set<String> {
        var found: Set<String> = []
        for line in lines where line.hasPrefix(".It Fl ") {
            for word in line.dropFirst(".It Fl ".count).split(separator: " ").prefix(while: { $0 != "Ar" && $0 != "Cm" }
            )
            where word != "," && word != "Fl" {
                found.insert("-\(word)")
            }
        }
        return found
    }

    /// The options that the synopsis or the text mentions.
    var mentionedOptions: Set<String> {
        var found: Set<String> = []
        for line in lines where line.hasPrefix(".") {
            let words = line.split(separator: " ").map { $0.filter { $0 != "." || $0.isLetter } }
            for (index, word) in words.enumerated().dropFirst()
            where words[index - 1].hasSuffix("Fl") && word.hasPrefix("-") {
                if word.count > 1 { found.insert("-\(word)") }
            }
        }
        return found
    }

    /// The command lines of the section EXAMPLES.
    var examples: [String] {
        lines.drop { $0 != ".Sh EXAMPLES" }.filter { $0.hasPrefix(".Dl ") }.map {
            String($0.dropFirst(4)).replacing("\\(dq", with: "\"").replacing("\\(aq", with: "'")
        }
    }

    /// The pages that it refers to.
    var references: Set<String> {
        Set(
            lines.filter { $0.contains("Xr spawnscope") }.flatMap { $0.split(separator: " ") }.filter {
                $0.hasPrefix("spawnscope")
            }
            .map(String.init))
    }
}
