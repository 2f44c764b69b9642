@testable import FlameGraphs
import Glibc
import Profiles
import TestSupport
import Testing

@Suite struct SVGPictureTests {
    private static func frames(_ document: StrictXML) -> [StrictXML.Element] {
        document.elements.filter { $0.attributes["class"]?.hasPrefix("f") == true && $0.name == "svg" }
    }

    @Test func frameIsWhereTheLayoutHasIt() throws {
        let graph = MadeProfile([("a;x", 3), ("a;y", 2), ("b", 3)]).graph()
        let frames = Self.frames(try StrictXML(graph.document))
        #expect(frames.map { $0.attributes["x"] } == ["0%", "0%", "0%", "37.5000%", "62.5000%"])
        #expect(frames.map { $0.attributes["width"] } == ["100%", "62.5000%", "37.5000%", "25%", "37.5000%"])
        // The root is at the bottom, and at the top of an icicle.
        #expect(frames.map { $0.attributes["y"] } == ["36", "18", "0", "0", "18"])
        let icicle = Self.frames(try StrictXML(MadeProfile([("a", 1)]).graph { $0.isIcicle = true }.document))
        #expect(icicle.map { $0.attributes["y"] } == ["0", "18"])
    }

    /// The top of a page is seen first, and what is higher than a screen begins there.
    @Test(arguments: [(29, false), (30, true)])
    func highPicturesHaveTheRootAtTheTop(levels: Int, isAtTheTop: Bool) throws {
        let deep = MadeProfile([((0..<levels).map { "f\($0)" }.joined(separator: ";"), 1)])
        #expect(deep.graph().isIcicle == isAtTheTop)
        #expect(!deep.graph { $0.isIcicle = false }.isIcicle && deep.graph { $0.isIcicle = true }.isIcicle)
    }

    @Test func titlesTellTheNumbers() throws {
        let graph = MadeProfile([("a;x", 3), ("a", 2), ("b", 3)]).graph()
        let titles = try StrictXML(graph.document).elements.filter { $0.name == "title" }.map(\.text)
        #expect(
            titles.dropFirst() == [
                "all\n8 spawns, 100% of all", "a\n5 spawns, 62.5% of all; 2 spawns of its own\nuser",
                "x\n3 spawns, 37.5% of all, 60% of parent\nuser", "b\n3 spawns, 37.5% of all\nuser",
            ])
    }

    @Test func titlesOfADifferenceTellBothSides() throws {
        let base = MadeProfile([("a", 4), ("gone", 4)])
        let head = MadeProfile([("a", 6), ("new", 2)])
        let pair = ProfilePair(base: base.tree, names: base.names, head: head.tree, names: head.names)
        func changes(_ change: (inout FlameGraph.Options) -> Void) throws -> [Substring] {
            try StrictXML(MadeProfile.graph(pair, change).document).elements.filter { $0.name == "title" }
                .dropFirst().compactMap { $0.text.split(separator: "\n").last }
        }
        #expect(
            try changes { _ in } == [
                "change: none", "change: +2 spawns, +50%", "change: −4 spawns, gone", "change: +2 spawns, new",
            ])
        #expect(try changes { $0.normalises = true }[1] == "change of its share: +50%")
        let frames = Self.frames(try StrictXML(MadeProfile.graph(pair).document))
        #expect(frames.map { $0.attributes["data-h"] } == ["0 8", "0 6", "6 0", "6 2"])
        #expect(frames.map { $0.attributes["data-b"] } == ["0 8", "0 4", "4 4", "8 0"])
        #expect(frames.map { $0.attributes["class"] } == ["f", "f", "f gone", "f"])
        let ofBase = Self.frames(try StrictXML(MadeProfile.graph(pair) { $0.showsBaseWidths = true }.document))
        #expect(ofBase.map { $0.attributes["class"] } == ["f", "f", "f", "f gone"])
    }

    @Test(
        arguments: [
            ("</text><script>alert(1)</script>", "</text><script>alert(1)</script>"),
            ("\"><img src=x onerror=alert(1)>", "\"><img src=x onerror=alert(1)>"),
            ("a&b'c'&lt", "a&b'c'&lt"), ("]]></style><script>", "]]></style><script>"),
            ("left\u{202e}right", "left\\u{202e}right"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("zero\u{200b}width", "zero\\u{200b}width"), ("c1\u{9b}31m", "c1\\u{9b}31m"),
            ("no\u{fffe}character\u{ffff}", "no\\u{fffe}character\\u{ffff}"), ("bad\u{fffd}", "bad\u{fffd}"),
            ("שלום", "שלום"), ("line\u{2028}end", "line\\u{2028}end"), ("😀", "😀"),
        ])
    func namesAreData(name: String, shown: String) throws {
        var made = MadeProfile()
        made.add([name], 1)
        let document = try StrictXML(
            made.graph {
                $0.title = name
                $0.lines = [name]
                $0.remarks = [name]
                $0.meaning.name = name
            }.document)
        #expect(document.elements.map(\.name).filter { $0 == "script" || $0 == "img" } == ["script"])
        #expect(document.elements.contains { $0.name == "title" && $0.text.hasPrefix(shown + "\n") })
        #expect(document.elements.contains { $0.name == "text" && $0.text == shown })
    }

    @Test func controlCharactersOfTheTitleAreShown() throws {
        let document = try StrictXML(MadeProfile([("a", 1)]).graph { $0.title = "a\u{0}\u{1b}[31m\nb" }.document)
        #expect(document.elements.first { $0.name == "title" }?.text == "a\\u{0}\\u{1b}[31m\\u{a}b")
    }

    @Test func longNamesAreCut() throws {
        var made = MadeProfile()
        made.add([String(repeating: "x", count: 65536)], 1)
        made.add([String(repeating: "e\u{301}\u{301}\u{301}", count: 20000)], 1)
        let bytes = made.graph { $0.remarks = [String(repeating: "y ", count: 65536)] }.document
        #expect(bytes.count < 60_000)
        let titles = try StrictXML(bytes).elements.filter { $0.name == "title" }.map(\.text)
        #expect(
            titles.contains {
                $0.hasPrefix(String(repeating: "x", count: 1023) + "…\n")
                    && $0.hasSuffix("\na name of 65,536 characters")
            })
    }

    @Test func lossesAreInThePicture() throws {
        let graph = MadeProfile([("a", 1)]).graph {
            $0.remarks = (1...7).map { "remark \($0)" }
        }
        let texts = try StrictXML(graph.document).elements.filter { $0.attributes["class"] == "warn" }.map(\.text)
        #expect(texts == (1...5).map { "! remark \($0)" } + ["! and 2 more remarks"])
    }

    @Test func theLegendHasWhatIsThere() throws {
        var made = MadeProfile()
        made.add(["make"], 1, .ancestry)
        made.add(["make", "/bin/true"], 1, .program)
        made.add(["[unknown]"], 1, .callsite)
        let texts = try StrictXML(made.graph().document).elements.filter { $0.name == "text" }.map(\.text)
        #expect(texts.dropFirst().prefix(3) == ["command", "program", "not known"])
    }

    /// Relative luminance and contrast as WCAG 2.2 defines them.
    @Test func textIsLegibleOnEachColour() {
        func luminance(_ colour: Palette.Colour) -> Double {
            let parts = [colour.red, colour.green, colour.blue].map { part -> Double in
                let value = part / 255
                return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        }
        var colours = (-Difference.steps...Difference.steps).map(Palette.colour(ofStep:))
        for layer in FrameLayer.allCases { colours += [false, true].map { Palette.colour(of: layer, isOdd: $0) } }
        for colour in colours { #expect((luminance(colour) + 0.05) / 0.05 >= 5, "\(colour.text)") }
        #expect(Palette.colour(of: .program, isOdd: false).text == "#009e73")
    }

    @Test func itStopsWhenNobodyReads() {
        var made = MadeProfile()
        for number in 0..<5000 { made.add(["name\(number)"], 1) }
        var pieces = 0
        made.graph().write { _ in
            pieces += 1
            return false
        }
        #expect(pieces == 1)
    }

    @Test(arguments: [RandomSeed.ofThisRun, ~RandomSeed.ofThisRun])
    func whateverTheNamesTheDocumentIsWellFormed(seed: UInt64) throws {
        var random = Xorshift(seed: seed)
        var made = MadeProfile()
        for _ in 0..<300 {
            let stack = (0...random.next(below: 5)).map { _ in
                let bytes = (0..<random.next(below: 12)).map { _ -> UInt8 in
                    random.next(below: 2) == 0
                        ? Array("<>&\"']!-[CDT;/".utf8)[random.next(below: 14)] : UInt8(random.next(below: 256))
                }
                return String(decoding: bytes, as: UTF8.self)
            }
            made.add(stack, random.extreme())
        }
        let graph = made.graph {
            $0.title = made.names[made.tree.names[1]]
            $0.limits.leastShare = 0
        }
        #expect(Self.frames(try StrictXML(graph.document)).count == graph.frameCount)
    }

    /// Made by `SPAWNSCOPE_UPDATE_GOLDEN=1 swift test --filter SVGPictureTests/asInTheFile`; look at it before committing it.
    @Test func asInTheFile() throws {
        var made = MadeProfile()
        made.add(["make", "main", "/usr/bin/cc"], 7, .callsite)
        made.add(["make", "main", "[forked]"], 1, .callsite)
        made.add(["make", "sh", "[truncated]", "fork", "/usr/bin/cc"], 2, .ancestry)
        let bytes = made.graph {
            $0.title = "make -j2"
            $0.lines = ["10 spawns"]
            $0.remarks = ["the kernel dropped 3 events; the numbers are lower bounds"]
        }.document
        // The style and the script are checked by what they do in a browser.
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var kept: [Substring] = []
        var isInside = false
        for line in lines {
            if line.hasSuffix("<![CDATA[") { isInside = true }
            if line.hasPrefix("]]>") { isInside = false }
            if !isInside { kept.append(line) }
        }
        let picture = kept.joined(separator: "\n")
        let path = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/small.svg.txt"
        if getenv("SPAWNSCOPE_UPDATE_GOLDEN") != nil, let file = fopen(path, "we") {
            fputs(picture, file)
            fclose(file)
        }
        let file = try #require(fopen(path, "re"))
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&buffer, 1, buffer.count, file)
        #expect(picture == String(decoding: buffer[..<count], as: UTF8.self))
    }
}
