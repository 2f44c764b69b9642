import Testing

/// Links between the repository's pages lead to files and headings that exist.
@Suite struct DocumentationLinkTests {
    @Test func everyRelativeLinkLeadsSomewhere() throws {
        var count = 0
        for page in try DocumentationPage.all {
            for link in page.links where !link.target.contains("://") && !link.target.hasPrefix("mailto:") {
                let place = "\(page.path):\(link.line): \(link.target)"
                let parts = link.target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let path = parts[0].isEmpty ? page.path : Self.resolve(String(parts[0]), from: page.path)
                #expect(TextFile.exists(path), "\(place): no such file")
                if parts.count == 2, TextFile.exists(path) {
                    #expect(try DocumentationPage(path).anchors.contains(String(parts[1])), "\(place): no such heading")
                }
                count += 1
            }
        }
        #expect(count >= 60)
    }

    /// A page that no other page links to is never read.
    @Test func everyPageIsLinked() throws {
        let pages = try DocumentationPage.guides
        var linked: Set<String> = ["README.md"]
        for page in try DocumentationPage.all {
            for link in page.links {
                linked.insert(Self.resolve(String(link.target.prefix { $0 != "#" }), from: page.path))
            }
        }
        for page in pages { #expect(linked.contains(page.path), "\(page.path) is linked from nowhere") }
        #expect(pages.count >= 20)
    }

    @Test func theReadmeIsShort() throws {
        #expect(try TextFile.content("README.md").utf8.count <= 8192)
    }

    /// The path in the repository that a page's relative link leads to.
    private static func resolve(_ target: String, from page: String) -> String {
        var parts = page.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }
}
