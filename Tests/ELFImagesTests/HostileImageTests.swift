import ELFImages
import Glibc
import TestSupport
import Testing

/// ELF files that say of themselves what cannot be.
@Suite struct HostileImageTests {
    /// Each header field that says where something is or how much of it, with numbers that wrap or lie outside of the file.
    @Test func lyingHeaders() throws {
        let good = ELFBuilder(symbols: [.init(name: "main", value: 0x1040, size: 0x20)]).bytes()
        // e_phoff, e_shoff (8 bytes); e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx (2 bytes).
        let fields: [(offset: Int, size: Int)] = [(32, 8), (40, 8), (54, 2), (56, 2), (58, 2), (60, 2), (62, 2)]
        var readable = 0
        for field in fields {
            for value: UInt64 in [0, 1, 0x7fff, 0xffff, UInt64(good.count), 1 << 32, 1 << 63, .max] {
                var bytes = good
                for byte in 0..<field.size {
                    bytes[field.offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
                }
                guard let image = try? ELFImage(bytes: bytes) else { continue }
                readable += 1
                let table = SymbolTable(image, view: .best) { _ in nil }
                #expect(table.count <= 1 && image.layout.sections.count < good.count / 64 + 1)
            }
        }
        #expect(readable > 0)
    }

    /// Every section's offset and size; the symbols are there as long as their own tables are.
    @Test func sectionsOutsideOfTheFile() throws {
        let good = ELFBuilder(symbols: [.init(name: "main", value: 0x1040, size: 0x20)]).bytes()
        let headers = good[40..<48].reversed().reduce(0) { $0 << 8 | Int($1) }
        for section in 1...9 {
            for field in [24, 32] {
                for value: UInt64 in [1 << 32, 1 << 62, 1 << 63, .max, .max - 7] {
                    var bytes = good
                    for byte in 0..<8 {
                        bytes[headers + section * 64 + field + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
                    }
                    guard let image = try? ELFImage(bytes: bytes) else { continue }
                    let table = SymbolTable(image, view: .best) { _ in nil }
                    let isSymbols = section == 5 || section == 6
                    #expect(isSymbols ? table.count <= 1 : true)
                    if [2, 3, 4].contains(section) { #expect(name(table, 0x1040) == "main", "section \(section)") }
                }
            }
        }
    }

    /// C++ makes names of this length, and a table may hold any.
    @Test(arguments: [65_535, 65_536, 200_000]) func namesOfManyBytes(length: Int) throws {
        let long = String(repeating: "x", count: length)
        let (perf, best) = try tables(ELFBuilder(symbols: [.init(name: long, value: 0x1040, size: 0x20)]))
        let cut = String(long.prefix(4096))
        #expect(name(perf, 0x1050) == cut && name(best, 0x1050) == cut)
    }

    /// RUSAGE_SELF of getrusage(2), which is imported as an enumeration.
    private static let thisProcess: Int32 = 0

    /// A file of 4 GiB that is nearly all hole is neither read whole nor given memory for.
    @Test func aSparseFile() throws {
        try Compiler.withDirectory { directory in
            let path = directory + "/sparse"
            var bytes = ELFBuilder(symbols: [.init(name: "main", value: 0x1040, size: 0x20)]).bytes()
            let headers = bytes[40..<48].reversed().reduce(0) { $0 << 8 | Int($1) }
            // .comment says that it is the 4 GiB behind everything.
            let size = UInt64(4 << 30)
            for byte in 0..<8 {
                bytes[headers + 3 * 64 + 24 + byte] = UInt8(truncatingIfNeeded: UInt64(bytes.count) >> (8 * byte))
                bytes[headers + 3 * 64 + 32 + byte] = UInt8(truncatingIfNeeded: size >> (8 * byte))
            }
            try Compiler.write(bytes, to: path)
            #expect(truncate(path, off_t(size) + off_t(bytes.count)) == 0)
            var before = rusage()
            getrusage(Self.thisProcess, &before)
            let file = try ELFFile(path: path)
            let table = SymbolTable(ELFImage(reading: file), view: .best) { _ in nil }
            #expect(name(table, 0x1050) == "main")
            #expect(throws: ELFError.self) { _ = try file.contents(ofSection: ".comment") }
            var after = rusage()
            getrusage(Self.thisProcess, &after)
            // In KiB; the tests before may have had more already.
            #expect(after.ru_maxrss - before.ru_maxrss < 64 << 10)
        }
    }

    /// Each namespace names its own child as its sibling: walked as the entries say, the work doubles with each of them.
    @Test(.timeLimit(.minutes(1))) func siblingsThatAreChildren() throws {
        let depth = 48
        let head = """
            .text
            .globl _start
            _start: nop
            .Lend:
            .section .debug_abbrev,"",@progbits
            .uleb128 1, 0x11; .byte 1; .uleb128 0x11, 1, 0x12, 7, 0, 0
            .uleb128 2, 0x39; .byte 1; .uleb128 0x01, 0x13, 0, 0
            .uleb128 3, 0x34; .byte 0; .uleb128 0, 0
            .byte 0
            .section .debug_info,"",@progbits
            .Lunit: .long .Lunitend - .Lversion
            .Lversion: .value 4
            .long 0
            .byte 8
            .uleb128 1; .quad _start, .Lend - _start

            """
        let namespaces = (0..<depth).map { ".Lspace\($0): .uleb128 2; .long .Lspace\($0 + 1) - .Lunit\n" }.joined()
        let tail = """
            .Lspace\(depth): .uleb128 3
            .zero \(depth + 1)
            .Lunitend:

            """
        try Compiler.withDirectory { directory in
            try Compiler.write(Array((head + namespaces + tail).utf8), to: directory + "/nested.s")
            try Compiler.run(["gcc", "-nostdlib", "-static", "-o", directory + "/nested", directory + "/nested.s"])
            let text = try #require(try ELFFile(path: directory + "/nested").layout.section(named: ".text"))
            let lines = try #require(SourceLines(try ELFFile(path: directory + "/nested")))
            #expect(lines.frames(virtualAddress: text.address).isEmpty)
        }
    }
}
