@testable import FlameGraphs
import TestSupport
import Testing

/// Lines above a picture: no window of 400 pixels cuts them, whatever letters they are made of.
@Suite struct WrappedTextTests {
    private func width(_ line: String) -> Int { line.unicodeScalars.reduce(0) { $0 + TextWidth.hundredths($1) } }

    /// As DejaVu Sans Bold has them: 0.343, 1.103, 0.696 and 0.348 of its size.
    @Test func advances() {
        #expect("iW7 ".unicodeScalars.map(TextWidth.hundredths) == [34, 110, 70, 35])
        #expect(
            ("{}~".unicodeScalars + "\u{7f}é写".unicodeScalars).map(TextWidth.hundredths) == [71, 71, 84, 110, 110, 110])
    }

    @Test func wideLettersTakeMoreLines() {
        let narrow = String(repeating: "i", count: 40)
        #expect(DisplayText.wrapped(narrow, width: 1400, most: 3) == [narrow])
        let wide = String(repeating: "W", count: 30)
        #expect(DisplayText.wrapped(wide, width: 1400, most: 3).map(\.count) == [12, 12, 6])
        #expect(DisplayText.wrapped("make OUT=a", width: 500, most: 3) == ["make", "OUT=a"])
        #expect(DisplayText.wrapped("", width: 500, most: 3).isEmpty)
    }

    @Test func whatIsLeftOutIsMarked() {
        #expect(DisplayText.wrapped("WWW WWW WWW", width: 400, most: 2) == ["WWW", "WW…"])
        // A line has a character, however narrow it is.
        #expect(DisplayText.wrapped("WWW", width: 1, most: 9) == ["W", "W", "W"])
    }

    @Test func noLineIsTooWide() {
        let seed = RandomSeed.ofThisRun
        var generator = Xorshift(seed: seed)
        for _ in 0..<500 {
            let length = Int(generator.next() % 200)
            let scalars = (0..<length).map { _ in Unicode.Scalar(UInt8(0x20 + generator.next() % 0x5f)) }
            let text = String(String.UnicodeScalarView(scalars))
            let lines = DisplayText.wrapped(text, width: 800, most: 4)
            #expect(lines.allSatisfy { width($0) <= 800 } && lines.count <= 4, "seed \(seed): \(text)")
            if lines.last?.hasSuffix("…") != true {
                #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " }, "seed \(seed): \(text)")
            }
        }
    }
}
