import Presentation
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
            ("a|b", "a\\|b"), ("`code`", "\\`code\\`"), ("a\nb\r\nc", "a\\\\u{a}b\\\\u{d}\\\\u{a}c"),
            ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
            ("- item", "\\- item"), ("  + item", "  \\+ item"), ("# title", "\\# title"), ("C#", "C\\#"),
            ("=== x", "\\=== x"),
            ("1. first", "1\\. first"), ("12) x", "12\\) x"), ("1.5 ms", "1\\.5 ms"), ("v1.5-2", "v1.5-2"),
            ("*a* _b_ ~ c~ $d$", "\\*a\\* \\_b\\_ \\~ c\\~ \\$d\\$"), ("![x](y)", "\\!\\[x\\](y)"),
            ("\\|", "\\\\\\|"), ("\u{1b}[1m\u{202e}", "\\\\u{1b}\\[1m\\\\u{202e}"), ("", ""), ("😀ü", "😀ü"),
        ])
    func textIsShownAsItIs(text: String, markdown: String) {
        #expect(MarkdownTable.escaped(text) == markdown)
    }

    /// Neither Markdown nor what GitHub and GitLab do to its result makes a link of foreign text.
    @Test(
        arguments: [
            ("https://evil.example/x", "https:|//evil.example/x"), ("see http://a", "see http:|//a"),
            ("ftp://a b", "ftp:|//a b"), ("www.evil.example", "www|.evil.example"), ("(WWW.a.b)", "(WWW|.a.b)"),
            ("root@evil.example", "root@|evil.example"), ("@everyone", "@|everyone"), ("a @b", "a @|b"),
            ("#1", "\\#|1"), ("owner/name#12", "owner/name\\#|12"), ("GH-7", "GH-|7"), ("!3", "\\!|3"),
            ("mailto:x@y.z", "mailto:x@|y.z"), ("~bug", "\\~|bug"), ("%\"v1\"", "%|\"v1\""),
            ("[a](https://b)", "\\[a\\](https:|//b)"), ("<https://b>", "&lt;https:|//b&gt;"),
            ("![i](http://b)", "\\!\\[i\\](http:|//b)"), ("<img src=//b>", "&lt;img src=//b&gt;"),
            ("in e3d086f1", "in e3d0|86f1"), ("[1]: http://b", "\\[1\\]: http:|//b"),
            // Neither is there a link to break, nor one made by the break.
            ("std::vector", "std::vector"), ("a:/b", "a:/b"), ("100% of", "100% of"), ("user @ home", "user @ home"),
            ("e3d086", "e3d086"), ("build-12", "build-12"),
        ])
    func noTextBecomesALink(text: String, markdown: String) {
        #expect(MarkdownTable.escaped(text) == markdown.replacing("|", with: "<span></span>"))
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
            let tags = line.replacing("<code>", with: "").replacing("</code>", with: "").replacing(
                "<span></span>", with: "")
            #expect(!tags.contains("<"), "seed \(seed): \(line)")
        }
    }
}
