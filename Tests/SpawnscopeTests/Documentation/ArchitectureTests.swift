import Testing

/// docs/architecture.md says which target imports which, and has a row for each.
@Suite struct ArchitectureTests {
    private static let page = Result { try DocumentationPage("docs/architecture.md") }

    /// Directories of Sources.
    private static let targets = TextFile.names(in: "Sources")

    /// The lines of the picture of imports.
    private static func layers() throws -> [[String]] {
        let picture = try #require(try page.get().blocks.first { $0.language == "imports" })
        return picture.lines.map { $0.text.split(separator: " ").map(String.init) }
    }

    @Test func everyTargetStandsOnceInThePicture() throws {
        #expect(try Self.layers().flatMap { $0 }.sorted() == Self.targets)
        #expect(Self.targets.count >= 20)
    }

    @Test func aTargetImportsOnlyWhatStandsAboveIt() throws {
        var height: [String: Int] = [:]
        for (index, layer) in try Self.layers().enumerated() {
            for target in layer { height[target] = index }
        }
        var count = 0
        for target in Self.targets {
            for imported in try Self.imports(of: target) {
                guard let theirs = height[imported], let ours = height[target] else { continue }
                #expect(theirs < ours, "\(target) imports \(imported)")
                count += 1
            }
        }
        #expect(count >= 60)
    }

    /// What a target may import by Package.swift is what its sources import, so that the picture is that of the manifest, too.
    @Test func theManifestDeclaresWhatIsImported() throws {
        let manifest = try TextFile.content("Package.swift")
        // A declaration goes on until the next one begins: library("A", ["B"]), .target(name: "A", dependencies: ["B"]).
        // `.library(…)` is a product.
        let starts = manifest.matches(of: #/(?:[^.]library|arget|tests|Library)\(\s*(?:name: )?"([\w-]+)"/#)
        var count = 0
        for (index, start) in starts.enumerated() where Self.targets.contains(String(start.output.1)) {
            let end = index + 1 < starts.count ? starts[index + 1].range.lowerBound : manifest.endIndex
            let rest = manifest[start.range.upperBound..<end]
            let declared = Set(rest.matches(of: #/"([\w-]+)"/#).map { String($0.output.1) }).intersection(Self.targets)
            let target = String(start.output.1)
            let imported = try Self.imports(of: target).intersection(Self.targets)
            #expect(declared == imported, "\(target): only in one: \(declared.symmetricDifference(imported).sorted())")
            count += 1
        }
        #expect(count == Self.targets.count)
    }

    /// Files are opened, made, renamed and removed in one place.
    @Test func onlyLinuxSystemOpensFiles() throws {
        let call =
            #/\b(?:open|openat|fopen|opendir|fdopendir|mkdir|mkdirat|mkstemp|rename|renameat2?|linkat?|unlinkat?|symlink|lstat|fstatat)\(/#
        var count = 0
        for target in Self.targets where target != "LinuxSystem" && target != "CLinuxSystem" {
            for file in TextFile.files(below: "Sources/\(target)", suffix: ".swift") {
                for line in try TextFile.content(file).split(separator: "\n") where line.contains("unsafe ") {
                    let code = line.split(separator: "//", omittingEmptySubsequences: false)[0]
                    let found = code.matches(of: call).filter { !code[..<$0.range.lowerBound].hasSuffix(".") }
                    #expect(found.isEmpty, "\(file): \(line)")
                    count += 1
                }
            }
        }
        #expect(count > 500)
    }

    private static func imports(of target: String) throws -> Set<String> {
        var found: Set<String> = []
        for file in TextFile.files(below: "Sources/\(target)", suffix: ".swift") {
            for line in try TextFile.content(file).split(separator: "\n") where line.contains("import ") {
                if let match = line.firstMatch(of: #/^(?:@\w+ )*(?:[a-z]+ )?import (\w+)/#) {
                    found.insert(String(match.output.1))
                }
            }
        }
        return found
    }

    /// The rows of the table: a target, and whether it does I/O.
    private static func table() throws -> [(target: String, doesIO: String)] {
        let rows = try page.get().lines.drop { !$0.hasPrefix("| target |") }.dropFirst(2).prefix { $0.hasPrefix("|") }
        return rows.flatMap { row in
            let cells = row.split(separator: "|").map { $0.trimmingPrefix(" ") }
            // The first cell names one target, or several.
            let names = cells[0].split(separator: "`").enumerated().filter { $0.offset % 2 == 0 && $0.element != " " }
            return names.map { (String($0.element), cells[2].split(separator: " ").joined()) }
        }
    }

    @Test func everyTargetHasARowInTheTable() throws {
        #expect(try Self.table().map(\.target).sorted() == Self.targets)
    }

    @Test func whatDoesNoIOImportsNothingThatDoesIt() throws {
        let opens: Set<String> = ["LinuxSystem", "CLinuxSystem", "CPerfEvent", "Capture"]
        let pure = try Self.table().filter { $0.doesIO == "no" }.map(\.target)
        #expect(pure.count >= 16 && pure.contains("Replay"))
        for target in pure {
            #expect(try Self.imports(of: target).isDisjoint(with: opens), "\(target)")
        }
    }
}
