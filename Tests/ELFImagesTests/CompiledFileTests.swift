import ELFImages
import Glibc
import TestSupport
import Testing

@Suite struct CompiledFileTests {
    /// Every stub that `main` calls has a name, however the linker arranged the PLT.
    @Test(arguments: [
        ["-fPIE", "-pie"], ["-fPIE", "-pie", "-Wl,-z,now"], ["-no-pie", "-Wl,-Ttext-segment=0x700000"],
        ["-fPIE", "-pie", "-fcf-protection", "-Wl,-z,ibtplt"], ["-fPIE", "-pie", "-s"],
    ])
    func stubs(options: [String]) throws {
        try Compiler.withDirectory { directory in
            let source = """
                int puts(const char *); int putchar(int);
                int (*taken)(const char *) = puts;
                __attribute__((section(".text.caller"), noinline)) int caller(int n) { putchar(n); return puts("x") + n; }
                int main(int n, char **v) { return caller(n) + taken("y"); }
                """
            let path = try Compiler.program(source, options + ["-fplt", "-Wl,-E"], in: directory)
            let image = try ELFImage(path: path)
            let best = SymbolTable(image, view: .best) { _ in nil }
            let bytes = try Compiler.bytes(path)
            var called: [String] = []
            for index in 0..<best.count where String(decoding: best.name(at: index), as: UTF8.self) == "caller" {
                let range = try #require(best.range(at: index))
                for offset in Int(range.lowerBound)..<Int(range.upperBound) - 5 where bytes[offset] == 0xE8 {
                    let distance = bytes[(offset + 1)..<(offset + 5)].reversed().reduce(Int32(0)) {
                        $0 << 8 | Int32($1)
                    }
                    called.append(name(best, UInt64(truncatingIfNeeded: offset + 5 + Int(distance))))
                }
            }
            #expect(called.contains("putchar@plt"))
            #expect(called.contains("puts@plt"))
        }
    }

    /// perf 6.1 knows `.plt` alone.
    @Test func perfMissesTheSecondPLT() throws {
        try Compiler.withDirectory { directory in
            let path = try Compiler.program(
                "int puts(const char *); int main() { return puts(\"\"); }",
                ["-fPIE", "-pie", "-fplt", "-fcf-protection", "-Wl,-z,ibtplt"], in: directory)
            let image = try ELFImage(path: path)
            let section = try #require(image.layout.section(named: ".plt.sec"))
            #expect(name(SymbolTable(image, view: .best) { _ in nil }, section.fileOffset) == "puts@plt")
            #expect(name(SymbolTable(image, view: .perf) { _ in nil }, section.fileOffset) != "puts@plt")
        }
    }

    /// A stripped file and its separate debug file together name what the whole one named.
    @Test func debugFile() throws {
        try Compiler.withDirectory { directory in
            let source =
                "static __attribute__((noinline,noclone)) int inner(int n) { return n * 3 + 1; }"
                + "int main(int n, char **v) { return inner(n); }"
            let path = try Compiler.program(source, ["-Wl,--build-id"], in: directory)
            let whole = SymbolTable(try ELFImage(path: path), view: .best) { _ in nil }
            try Compiler.run(["objcopy", "--only-keep-debug", path, path + ".debug"])
            try Compiler.run(["objcopy", "--strip-all", "--add-gnu-debuglink=\(path).debug", path])
            let stripped = try ELFFile(path: path)
            let debug = try ELFFile(path: path + ".debug")
            #expect(stripped.layout.debugLink == "program.debug")
            #expect(stripped.layout.buildID == debug.layout.buildID)
            #expect(stripped.layout.buildID?.count == 20)
            let both = SymbolTable(
                ELFImage(reading: stripped, debugFile: debug, withDynamicSymbols: true), view: .best
            ) { _ in nil }
            var inner = 0
            for index in 0..<whole.count {
                guard let range = whole.range(at: index) else { continue }
                #expect(name(both, range.lowerBound) == name(whole, range.lowerBound))
                if name(whole, range.lowerBound) == "inner" { inner += 1 }
            }
            #expect(inner == 1)
            #expect(try stripped.contents(ofSection: ".text")?.isEmpty == false)
            #expect(try debug.contents(ofSection: ".text") == nil)
        }
    }

    @Test func whatIsNoELFFile() throws {
        try Compiler.withDirectory { directory in
            try Compiler.write([], to: directory + "/empty")
            try Compiler.write(Array("#!/bin/sh\n".utf8), to: directory + "/script")
            try Compiler.write([0x7F, 0x45, 0x4C, 0x46], to: directory + "/magic")
            #expect(mkfifo(directory + "/fifo", 0o600) == 0)
            #expect(throws: ELFError.notRegularFile) { _ = try ELFImage(path: directory) }
            #expect(throws: ELFError.notRegularFile) { _ = try ELFImage(path: directory + "/fifo") }
            #expect(throws: ELFError.notRegularFile) { _ = try ELFImage(path: "/dev/zero") }
            #expect(throws: ELFError.unreadable(ENOENT)) { _ = try ELFImage(path: directory + "/missing") }
            for name in ["empty", "script", "magic"] {
                #expect(throws: ELFError.notELF) { _ = try ELFImage(path: directory + "/" + name) }
            }
        }
    }

    @Test func vdso() throws {
        let bytes = try #require(VirtualDSO.bytesOfThisMachine())
        let image = try ELFImage(bytes: bytes)
        let table = SymbolTable(image, view: .best) { _ in nil }
        let names = (0..<table.count).map { String(decoding: table.name(at: $0), as: UTF8.self) }
        #expect(names.contains { $0.contains("clock_gettime") })
        #expect(image.layout.buildID?.isEmpty == false)
    }

    /// Thousands of damaged files: no trap, and an answer each time.
    @Test func damagedFiles() throws {
        try Compiler.withDirectory { directory in
            let path = try Compiler.program(
                "int puts(const char *); int f(int n) { return n; } int main() { return puts(\"\"); }",
                ["-fPIE", "-pie", "-g0", "-Wl,--build-id"], in: directory)
            let original = try Compiler.bytes(path)
            let layout = try ELFImage(bytes: original).layout
            // Where damage hurts: the headers, and the tables that are walked.
            var targets = [0..<1024, (original.count - 64 * layout.sections.count)..<original.count]
            for section in layout.sections where [2, 3, 4, 7, 11].contains(section.type) {
                targets.append(Int(section.fileOffset)..<Int(section.fileOffset + section.size))
            }
            let seed = RandomSeed.ofThisRun
            var random = Xorshift(seed: seed)
            var readable = 0
            for _ in 0..<4000 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let target = try #require(targets.randomElement(using: &random))
                    let index = Int.random(in: target, using: &random)
                    bytes[index] =
                        [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)]
                        .randomElement(using: &random) ?? 0
                }
                if Int.random(in: 0...9, using: &random) == 0 {
                    bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
                }
                guard let image = try? ELFImage(bytes: bytes) else { continue }
                readable += 1
                for view in [SymbolView.perf, .best] {
                    let table = SymbolTable(image, view: view) { _ in nil }
                    for offset: UInt64 in [0, 0x1040, 0x1139, UInt64(bytes.count), .max] { _ = name(table, offset) }
                }
            }
            #expect(readable > 100, "seed \(seed)")
        }
    }
}
