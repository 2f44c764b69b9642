@testable import Capture
import PerfData
import Testing

@Suite struct JSONValueWriterTests {
    private func text(_ value: JSONValue) -> String { String(decoding: value.encoded(), as: UTF8.self) }

    @Test func everyKindOfValue() {
        let value = JSONValue.object([
            "null": .null, "yes": .bool(true), "no": .bool(false), "least": .integer(.min), "most": .unsigned(.max),
            "list": .array([.integer(1), .string("a")]), "empty": .array([]), "absent": nil,
        ])
        #expect(
            text(value) == #"{"null":null,"yes":true,"no":false,"least":-9223372036854775808,"#
                + #""most":18446744073709551615,"list":[1,"a"],"empty":[]}"#)
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("a\"b\\c", #""a\"b\\c""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{0}\u{1f}\u{7f}\u{1b}", #""\u0000\u001f\u007f\u001b""#), ("é€😀", #""é€😀""#),
    ])
    func strings(string: String, expected: String) {
        #expect(text(.string(string)) == expected)
        #expect(text(.object([JSONValue.Member(string, .null)])) == "{\(expected):null}")
    }

    @Test func illFormedBytesAreReplaced() {
        #expect(text(.string(bytes: [0x61, 0xff, 0xc3, 0x62])) == "\"a\u{fffd}\u{fffd}b\"")
    }
}
