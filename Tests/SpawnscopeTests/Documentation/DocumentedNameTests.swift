import TestSupport
import Testing

/// The files, targets and types that the pages name exist, so that a move or a new name reaches the pages, too.
@Suite struct DocumentedNameTests {
    /// What stands between backticks, and every word of a code block.
    private static func spans() throws -> [(place: String, text: String)] {
        let pages =
            try DocumentationPage.guides + [DocumentationPage("CONTRIBUTING.md"), DocumentationPage("SECURITY.md")]
        return pages.flatMap { page in
            let typed = page.blocks.flatMap(\.lines).flatMap { line in
                line.text.split(separator: " ").map { DocumentationPage.Line(number: line.number, text: String($0)) }
            }
            return (page.codeSpans + typed).map { ("\(page.path):\($0.number)", $0.text) }
        }
    }

    @Test func everyFileIsThere() throws {
        var count = 0
        for (place, text) in try Self.spans() {
            // Of "Scripts/benchmark.sh quick" the file; "Tests/Fuzz/Corpus/TARGET" and "Scripts/check-*.sh" are several.
            let path = text.prefix { $0 != " " }
            guard path.contains(#/^(Scripts|Tests|Sources|Results|docs|\.ci)\/[\w.\/+-]+$/#), !path.hasSuffix("/TARGET")
            else { continue }
            #expect(TextFile.exists(String(path)), "\(place): \(path)")
            count += 1
        }
        #expect(count >= 30)
    }

    /// "Unwinding/Architecture" names a file of that target without its extension; folders in between may be left out.
    @Test func everyFileOfATargetIsThere() throws {
        let folders: Set<Substring> = ["Results", "Scripts", "Sources", "Tests"]
        var count = 0
        for (place, text) in try Self.spans() {
            let parts = text.split(separator: "/", maxSplits: 1)
            guard text.contains(#/^[A-Z]\w+\/[A-Z][\w+\/]*$/#), !folders.contains(parts[0]) else { continue }
            let directory = "Sources/\(parts[0])"
            let files = TextFile.files(below: directory, suffix: "").map { $0.dropFirst(directory.count) }
            #expect(files.contains { $0.contains("/\(parts[1])") }, "\(place): \(text)")
            count += 1
        }
        #expect(count >= 15)
    }

    @Test func everyTypeOrFileIsThere() throws {
        var places: [String: String] = [:]
        for (place, text) in try Self.spans()
        where place.hasPrefix("CONTRIBUTING.md") || place.hasPrefix("docs/architecture.md") {
            // A name of two words or more, perhaps with a member: a single word could be anything.
            if let match = text.wholeMatch(of: #/([A-Z][a-z]+[A-Z]\w+|[A-Z]+[a-z]+[A-Z]\w*)(\.[a-z]\w+)?/#) {
                places[String(match.output.1)] = place
            }
        }
        #expect(places.count >= 50)
        let files = Set(
            TextFile.files(below: "Sources", suffix: ".swift").compactMap {
                $0.split(whereSeparator: { "/+.".contains($0) }).dropLast().last
            })
        for (name, place) in places.sorted(by: { $0.key < $1.key }) where !files.contains(Substring(name)) {
            let found = try ProgramRun(
                ["grep", "-rqw", "--include=*.swift", "-e", name]
                    + ["Sources", "Tests", "Package.swift"].map { "\(Workload.root)/\($0)" })
            #expect(found.status == 0, "\(place): \(name)")
        }
    }
}
