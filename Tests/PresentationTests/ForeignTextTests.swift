import Presentation
import Testing

@Suite struct ForeignTextTests {
    @Test(arguments: ["", "plain text", "grüße 😀 שלום 漢字", "a\\b\\u{a}", "e\u{301}", "bad\u{fffd}", "•••…–"])
    func textThatIsSeenStays(text: String) { #expect(ForeignText.shown(text) == text) }

    @Test(
        arguments: [
            // A forged line, and its relatives.
            ("true\nspawnscope: 0 lost", "true\\u{a}spawnscope: 0 lost"), ("a\r\nb", "a\\u{d}\\u{a}b"),
            ("a\tb", "a\\u{9}b"), ("a\u{b}\u{c}b", "a\\u{b}\\u{c}b"), ("\u{85}", "\\u{85}"),
            ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
            // What a terminal obeys.
            ("\u{0}\u{7}\u{1b}[2J", "\\u{0}\\u{7}\\u{1b}[2J"), ("\u{7f}\u{9b}31m", "\\u{7f}\\u{9b}31m"),
            // What turns the direction of writing.
            ("\u{202e}fdp.exe", "\\u{202e}fdp.exe"), ("\u{61c}\u{200e}\u{200f}", "\\u{61c}\\u{200e}\\u{200f}"),
            ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            // What is not seen.
            ("a\u{200b}b\u{200d}c", "a\\u{200b}b\\u{200d}c"), ("\u{feff}\u{ad}\u{2060}", "\\u{feff}\\u{ad}\\u{2060}"),
            ("\u{e0041}\u{e007f}", "\\u{e0041}\\u{e007f}"), ("\u{fe0f}\u{e0100}", "\\u{fe0f}\\u{e0100}"),
            ("\u{3164}\u{115f}\u{ffa0}\u{2800}", "\\u{3164}\\u{115f}\\u{ffa0}\\u{2800}"),
            // What is no character.
            ("\u{fffe}\u{ffff}\u{10ffff}", "\\u{fffe}\\u{ffff}\\u{10ffff}"),
            ("\u{e000}\u{f0000}\u{378}", "\\u{e000}\\u{f0000}\\u{378}"),
        ])
    func whatIsNotSeenIsEscaped(text: String, shown: String) {
        #expect(ForeignText.shown(text) == shown)
        #expect(ForeignText.shown(shown) == shown)
    }

    /// Of every scalar there is: the result is one line, legal in XML 1.0, and commands no terminal.
    @Test func noScalarEscapesTheRule() {
        for value in UInt32(0)...0x10ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isShown = ForeignText.shown(String(scalar)) == String(scalar)
            #expect(isShown == !ForeignText.isHidden(scalar))
            guard isShown else { continue }
            #expect(value >= 0x20 && !(0x7f...0x9f).contains(value) && value & 0xfffe != 0xfffe)
            #expect(!Character(scalar).isNewline && !scalar.properties.isDefaultIgnorableCodePoint)
            #expect(![.control, .format, .lineSeparator, .unassigned].contains(scalar.properties.generalCategory))
        }
    }

    @Test func aFrameIsOneFrameOfOneLine() {
        #expect(ForeignText.frame("a;b\n;c") == "a:b\\u{a}:c")
        #expect(ForeignText.lines(["a\nb", "", "c"]) == "a\\u{a}b\n\nc\n")
    }

    @Test func theMiddleIsLeftOut() {
        #expect(ForeignText.shortened("abcdef", to: 6) == "abcdef")
        #expect(ForeignText.shortened("abcdefg", to: 4) == "ab…g")
        #expect(ForeignText.shortened("abc", to: 1) == "a" && ForeignText.shortened("abc", to: -1).isEmpty)
    }
}
