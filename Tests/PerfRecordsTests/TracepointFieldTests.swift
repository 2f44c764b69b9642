import PerfRecords
import Testing

/// Integers and texts out of a sample's raw bytes, honest and not.
@Suite struct TracepointFieldTests {
    private func field(_ declaration: String, offset: Int, size: Int, signed: Bool = false) throws
        -> TracepointFormat.Field
    {
        let line = "\tfield:\(declaration);\toffset:\(offset);\tsize:\(size);\tsigned:\(signed ? 1 : 0);"
        return try #require(TracepointFormat(system: "s", text: "name: n\nID: 5\n\(line)")?.fields.first)
    }

    /// The field's value where the raw bytes stand in the middle of a record, as they do in a sample.
    private func integer(_ field: TracepointFormat.Field, _ raw: [UInt8], after before: Int = 12) -> Int64? {
        let record = [UInt8](repeating: 0x5a, count: before) + raw + [UInt8](repeating: 0x5a, count: 64)
        return field.place.integer(in: record.span.bytes, raw: before..<before + raw.count)
    }

    private func text(_ field: TracepointFormat.Field, _ raw: [UInt8], after before: Int = 12) -> String? {
        let record = [UInt8](repeating: 0x5a, count: before) + raw + [UInt8](repeating: 0x5a, count: 64)
        guard let range = field.place.text(in: record.span.bytes, raw: before..<before + raw.count) else { return nil }
        guard range.lowerBound >= before, range.upperBound <= before + raw.count else { return "outside: \(range)" }
        return String(decoding: record[range], as: UTF8.self)
    }

    private static let raw: [UInt8] = [
        0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
    ]

    @Test func integersOfEverySize() throws {
        let cases: [(size: Int, signed: Bool, high: Int64, low: Int64)] = [
            (1, false, 0xff, 0x01), (1, true, -1, 0x01),
            (2, false, 0xfeff, 0x0201), (2, true, -257, 0x0201),
            (4, false, 0xfcfd_feff, 0x0403_0201), (4, true, -50_462_977, 0x0403_0201),
            (8, false, -506_097_522_914_230_529, 0x0807_0605_0403_0201),
            (8, true, -506_097_522_914_230_529, 0x0807_0605_0403_0201),
        ]
        for (size, signed, high, low) in cases {
            #expect(integer(try field("int a", offset: 0, size: size, signed: signed), Self.raw) == high)
            #expect(integer(try field("int a", offset: 8, size: size, signed: signed), Self.raw) == low)
        }
    }

    @Test(arguments: [0, 3, 5, 6, 7, 9, 16, .max])
    func integersOfOddSizesAreNone(size: Int) throws {
        #expect(integer(try field("int a", offset: 0, size: size), Self.raw) == nil)
    }

    @Test(arguments: [1, 2, 4, 8])
    func integersEndWithTheRawBytes(size: Int) throws {
        #expect(integer(try field("int a", offset: 16 - size, size: size), Self.raw) != nil)
        for offset in [17 - size, 16, 17, 1 << 32, .max - size, .max - size + 1, .max] {
            for before in [0, 12] {
                #expect(integer(try field("int a", offset: offset, size: size), Self.raw, after: before) == nil)
            }
        }
    }

    @Test func onlyIntegersAreIntegers() throws {
        for declaration in ["char a[4]", "__data_loc char[] a", "__rel_loc char[] a"] {
            #expect(integer(try field(declaration, offset: 0, size: 4), Self.raw) == nil)
        }
        #expect(text(try field("int a", offset: 0, size: 4), Self.raw) == nil)
    }

    @Test func textInAnArray() throws {
        let comm = try field("char comm[16]", offset: 4, size: 16)
        let head: [UInt8] = [1, 2, 3, 4]
        #expect(text(comm, head + Array("sh\0stale bytes!!".utf8)) == "sh")
        #expect(text(comm, head + Array("sixteen letters!".utf8) + [9]) == "sixteen letters!")
        #expect(text(comm, head + [UInt8](repeating: 0, count: 16)) == "")
        #expect(text(comm, head + Array("fifteen letters".utf8)) == nil)
    }

    @Test func textAtALocation() throws {
        // Low half: offset from the start of the raw bytes; high half: length, NUL included.
        let path = try field("__data_loc char[] filename", offset: 4, size: 4)
        #expect(text(path, [1, 2, 3, 4, 8, 0, 8, 0] + Array("/bin/sh\0".utf8)) == "/bin/sh")
        #expect(text(path, [1, 2, 3, 4, 9, 0, 4, 0] + Array("/bin/sh\0".utf8)) == "bin/")
        #expect(text(path, [1, 2, 3, 4, 0, 0, 0, 0]) == "")
    }

    @Test func textAtARelativeLocation() throws {
        // Counted from the end of the field itself.
        let path = try field("__rel_loc char[] filename", offset: 4, size: 4)
        #expect(text(path, [1, 2, 3, 4, 0, 0, 8, 0] + Array("/bin/sh\0".utf8)) == "/bin/sh")
        #expect(text(path, [1, 2, 3, 4, 1, 0, 3, 0] + Array("/bin/sh\0".utf8)) == "bin")
    }

    @Test(arguments: ["__data_loc", "__rel_loc"])
    func locationsThatPointOutside(kind: String) throws {
        let path = try field("\(kind) char[] filename", offset: 0, size: 4)
        let tail = Array("/bin/sh\0".utf8)
        let base: UInt8 = kind == "__data_loc" ? 4 : 0
        #expect(text(path, [base, 0, 8, 0] + tail) == "/bin/sh")
        #expect(text(path, [base, 0, 9, 0] + tail) == nil)
        #expect(text(path, [base + 1, 0, 8, 0] + tail) == nil)
        #expect(text(path, [0xff, 0xff, 0, 0] + tail) == nil)
        #expect(text(path, [0xff, 0xff, 0xff, 0xff] + tail) == nil)
        #expect(text(path, [base, 0, 0xff, 0xff] + tail) == nil)
        #expect(text(path, [base, 0, 8]) == nil)
        #expect(text(path, []) == nil)
    }

    @Test(arguments: ["char a[4]", "__data_loc char[] a", "__rel_loc char[] a"])
    func fieldsThatLieOutside(declaration: String) throws {
        for offset in [13, 16, 1 << 32, .max - 4, .max - 3, .max] {
            for size in [4, 16, 1 << 62, .max] {
                let lying = try field(declaration, offset: offset, size: size)
                for before in [0, 12] { #expect(text(lying, Self.raw, after: before) == nil) }
            }
        }
    }

    /// A range of raw bytes that the record does not hold: whatever it says, nothing outside is read.
    @Test func rawBytesThatTheRecordLacks() throws {
        let record = Self.raw
        for raw in [8..<32, 16..<20, 100..<200, 0..<Int.max, (Int.max - 8)..<Int.max] {
            for declaration in ["int a", "char a[4]", "__data_loc char[] a", "__rel_loc char[] a"] {
                let field = try field(declaration, offset: 12, size: 4)
                #expect(raw == 0..<Int.max || field.place.integer(in: record.span.bytes, raw: raw) == nil)
                if let range = field.place.text(in: record.span.bytes, raw: raw) {
                    #expect(range.upperBound <= record.count || range.isEmpty)
                }
            }
        }
    }
}
