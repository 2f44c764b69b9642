@testable import ELFImages
import TestSupport
import Testing

/// Local functions of stripped programs, out of the symbols that a distribution compressed into them.
@Suite struct MiniDebugInformationTests {
    private static let source = """
        __attribute__((noipa)) static int local_function(int x) { return x * 3 + 1; }
        int main(int argc, char **argv) { return local_function(argc) == 0; }
        """

    /// As GDB's manual makes it: a stripped program with its symbol table, compressed, in a section.
    private static let script = """
        set -e
        cd "$1"
        objcopy --only-keep-debug whole debug
        objcopy -S --remove-section .comment --keep-symbol=local_function --keep-symbol=main debug mini
        strip -s -o stripped whole
        xz -k mini
        objcopy --add-section .gnu_debugdata=mini.xz stripped packed
        head -c 100 mini.xz >cut.xz; objcopy --add-section .gnu_debugdata=cut.xz stripped cut
        objcopy --add-section .gnu_debugdata=mini stripped plain
        head -c 300000000 /dev/zero | xz -0 >bomb.xz; objcopy --add-section .gnu_debugdata=bomb.xz stripped bomb
        """

    private func names(_ path: String) throws -> [String: Range<UInt64>] {
        let table = SymbolTable(try ELFImage(path: path), view: .best) { _ in nil }
        var names: [String: Range<UInt64>] = [:]
        for index in 0..<table.count {
            names[String(decoding: table.name(at: index), as: UTF8.self)] = table.range(at: index)
        }
        return names
    }

    @Test func theLocalFunction() throws {
        try Compiler.withDirectory { directory in
            let program = try Compiler.program(Self.source, ["-O1"], in: directory)
            try Compiler.run(["cp", program, directory + "/whole"])
            try Compiler.run(["sh", "-c", Self.script, "sh", directory])
            let whole = try names(directory + "/whole")
            #expect(whole["local_function"] != nil)
            #expect(try names(directory + "/stripped")["local_function"] == nil)
            let packed = try names(directory + "/packed")
            #expect(packed["local_function"] == whole["local_function"] && packed["main"] == whole["main"])
            // Cut, not compressed, and of 300 MB: none of their symbols, all of the rest.
            for name in ["cut", "plain", "bomb"] {
                #expect(try names("\(directory)/\(name)") == (try names(directory + "/stripped")), "\(name)")
            }
            // perf's own view has what perf 6.1 has.
            let image = try ELFImage(path: directory + "/packed")
            let perf = SymbolTable(image, view: .perf) { _ in nil }
            #expect(!(0..<perf.count).contains { perf.name(at: $0).elementsEqual("local_function".utf8) })
        }
    }

    @Test func whateverItHolds() throws {
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        let whole = try Compiler.withDirectory { directory in
            try Compiler.run(["sh", "-c", "seq 1000 >\"$1/a\"; xz \"$1/a\"", "sh", directory])
            return try Compiler.bytes(directory + "/a.xz")
        }
        #expect(XZ.decompressed(whole).bytes?.count == 3893)
        for count in 0..<whole.count { #expect(XZ.decompressed(Array(whole[..<count])).bytes == nil) }
        for _ in 0..<2000 {
            var bytes = whole
            for _ in 0...random.next(below: 3) {
                bytes[random.next(below: bytes.count)] = UInt8(random.next(below: 256))
            }
            #expect((XZ.decompressed(bytes).bytes?.count ?? 0) <= XZ.largest(of: bytes.count), "seed \(seed)")
        }
    }
}
