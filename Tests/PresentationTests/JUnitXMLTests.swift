import Presentation
import TestSupport
import Testing

/// JUnit XML as Python's own strict reader takes it.
@Suite struct JUnitXMLTests {
    private static let names = [
        "plain", "with \"quotes\", 'apostrophes' & <markup> ]]>", "a\nb\tc", "\u{0}\u{1b}[31m\u{7f}\u{9b}\r",
        "ü \u{202e} 🎛 \u{2028} \u{fffe}\u{ffff}\u{10ffff}", "", "&amp;&#0;", "<![CDATA[x]]>", "--> <?x?>",
    ]

    /// Each test case as a line of its values, every byte in hexadecimal, by xml.etree.
    private static let reader = """
        import sys, xml.etree.ElementTree as tree
        root = tree.parse(sys.argv[1]).getroot()
        def hexed(*texts): print(*((t or "").encode().hex() or "-" for t in texts))
        def counts(node): return [node.get(k) for k in ("tests", "failures", "errors", "skipped")]
        assert root.tag == "testsuites"
        hexed(root.get("name"), *counts(root))
        for suite in root:
            assert suite.tag == "testsuite"
            hexed(suite.get("name"), *counts(suite))
            for case in suite:
                assert case.tag == "testcase" and len(case) <= 2
                result = [n for n in case if n.tag != "system-out"]
                output = [n.text for n in case if n.tag == "system-out"]
                tag = result[0].tag if result else "passed"
                of = [result[0].get("message"), result[0].text] if result else ["", ""]
                hexed(case.get("name"), case.get("classname"), tag, *of, *(output or [""]))
        """

    private func read(_ document: String) throws -> [String] {
        try Compiler.withDirectory { directory in
            try Compiler.write(Array(document.utf8), to: directory + "/junit.xml")
            let run = try ProgramRun("/usr/bin/python3", "-c", Self.reader, directory + "/junit.xml")
            #expect(run.status == 0, "\(run.error)\n\(document)")
            return run.lines.map(String.init)
        }
    }

    private func hexed(_ texts: String...) -> String {
        texts.map { text in
            let digits = text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return digits.isEmpty ? "-" : digits
        }.joined(separator: " ")
    }

    @Test func everyResultIsRead() throws {
        let document = JUnitXML.document(
            name: "spawnscope",
            [
                JUnitXML.Suite(
                    name: "budget",
                    cases: [
                        JUnitXML.TestCase(name: "a", className: "c", result: .passed),
                        JUnitXML.TestCase(name: "b", className: "c", result: .passed, output: ["said", "this"]),
                        JUnitXML.TestCase(
                            name: "d", className: "c", result: .failed(message: "over", details: ["x 4", "y 5"])),
                        JUnitXML.TestCase(name: "e", className: "c", result: .error(message: "lost"), output: ["o"]),
                        JUnitXML.TestCase(name: "f", className: "c", result: .skipped(message: "none")),
                    ]),
                JUnitXML.Suite(name: "empty", cases: []),
            ])
        #expect(
            try read(document) == [
                hexed("spawnscope", "5", "1", "1", "1"), hexed("budget", "5", "1", "1", "1"),
                hexed("a", "c", "passed", "", "", ""), hexed("b", "c", "passed", "", "", "said\nthis"),
                hexed("d", "c", "failure", "over", "x 4\ny 5", ""), hexed("e", "c", "error", "lost", "", "o"),
                hexed("f", "c", "skipped", "none", "", ""), hexed("empty", "0", "0", "0", "0"),
            ])
    }

    /// A name neither forges a line of a failure's nor is lost.
    @Test func linesAreOursAlone() {
        let forged = JUnitXML.TestCase(
            name: "a\nb", className: "c", result: .failed(message: "m\r\n\t", details: ["x\n9 from main", "\u{202e}y"]))
        let document = JUnitXML.document(name: "n", [JUnitXML.Suite(name: "s", cases: [forged])])
        #expect(document.contains("name=\"a\\u{a}b\"") && document.contains("message=\"m\\u{d}\\u{a}\\u{9}\""))
        #expect(document.contains(">x\\u{a}9 from main\n\\u{202e}y</failure>"))
    }

    @Test func anyTextComesBack() throws {
        let cases = Self.names.map { name in
            JUnitXML.TestCase(
                name: name, className: name, result: .failed(message: name, details: ["|\(name)|"]),
                output: ["|\(name)|"])
        }
        let document = JUnitXML.document(name: "hostile", [JUnitXML.Suite(name: Self.names[1], cases: cases)])
        let lines = try read(document)
        #expect(lines.count == Self.names.count + 2)
        for (line, name) in zip(lines.dropFirst(2), Self.names) {
            let text = ForeignText.shown(name)
            #expect(line == hexed(text, text, "failure", text, "|\(text)|", "|\(text)|"), "\(name)")
        }
    }

    /// Any scalars at all.
    @Test(arguments: 1...4)
    func randomTextIsWellFormed(seed: UInt64) throws {
        var random = Xorshift(seed: seed &* 0x9e37_79b9)
        let cases = (0..<40).map { _ in
            let scalars = (0..<random.next(below: 40)).compactMap { _ in
                Unicode.Scalar(UInt32(random.next(below: random.next(below: 3) == 0 ? 0x11_0000 : 0x100)))
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            return JUnitXML.TestCase(
                name: text, className: text, result: .error(message: text, details: [text + "."]), output: [text + "."])
        }
        let lines = try read(JUnitXML.document(name: "random", [JUnitXML.Suite(name: "seed", cases: cases)]))
        for (line, made) in zip(lines.dropFirst(2), cases) {
            let text = ForeignText.shown(made.name)
            #expect(line == hexed(text, text, "error", text, text + ".", text + "."), "seed \(seed)")
        }
    }
}
