import Reports
import TestSupport
import Testing

@Suite struct MarkdownTableTests {
    @Test func aTable() {
        var table = MarkdownTable([.init("budget"), .init("limit", .right), .init("call site")])
        table.addRow([.text("whole run"), .text("12"), .code("main > build")])
        table.addRow([.strong("git")])
        table.addRow([.text("a"), .text("b"), .text("c"), .text("beyond")])
        #expect(
            table.lines == [
                "| budget | limit | call site |",
                "| --- | ---: | --- |",
                "| whole run | 12 | <code>main &gt; build</code> |",
                "| <b>git</b> |  |  |",
                "| a | b | c |",
            ])
    }

    @Test(
        arguments: [
            ("a|b", "a\\|b"), ("`code`", "\\`code\\`"), ("a\nb\r\nc", "a<br>b<br>c"),
            ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
            ("- item", "\\- item"), ("  + item", "  \\+ item"), ("# title", "\\# title"), ("=== x", "\\=== x"),
            ("1. first", "1\\. first"), ("12) x", "12\\) x"), ("1.5 ms", "1\\.5 ms"), ("v1.5-2", "v1.5-2"),
            ("*a* _b_ ~c~ $d$", "\\*a\\* \\_b\\_ \\~c\\~ \\$d\\$"), ("![x](y)", "\\!\\[x\\](y)"),
            ("\\|", "\\\\\\|"), ("\u{1b}[1m\u{202e}", "\\\\u{1b}\\[1m\\\\u{202e}"), ("", ""), ("😀ü", "😀ü"),
        ])
    func textIsShownAsItIs(text: String, markdown: String) {
        #expect(MarkdownTable.escaped(text) == markdown)
    }

    /// Whatever the cells hold, a table has its rows and columns: pipes that divide have no backslash before them.
    @Test(arguments: 1...20)
    func noTextBreaksTheTable(seed: UInt64) {
        var random = Xorshift(seed: seed &* 0x9e37_79b9)
        let alphabet = Array("|\\`\n\r\t<>&- a1.#")
        var table = MarkdownTable([.init("x"), .init("y", .right)])
        func text() -> String {
            String((0..<random.next(below: 12)).map { _ in alphabet[random.next(below: alphabet.count)] })
        }
        for _ in 0..<50 { table.addRow([.code(text()), .text(text())]) }
        #expect(table.lines.count == 52)
        for line in table.lines {
            #expect(!line.contains { $0.isNewline })
            var dividers = 0
            var isEscaped = false
            for character in line {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "|" {
                    dividers += 1
                }
            }
            #expect(dividers == 3, "seed \(seed): \(line)")
            let tags = line.replacing("<code>", with: "").replacing("</code>", with: "").replacing("<br>", with: "")
            #expect(!tags.contains("<"), "seed \(seed): \(line)")
        }
    }
}
