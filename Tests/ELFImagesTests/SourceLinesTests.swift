import ELFImages
import Glibc
import TestSupport
import Testing

/// Lines and inlined functions, beside what llvm-symbolizer of the Swift toolchain says of the same addresses.
@Suite struct SourceLinesTests {
    /// Functions that are inlined into each other, in two files, one of them in cold code apart from the rest.
    private static let files = [
        "inner.h": """
        static inline __attribute__((always_inline)) int twice(int value) {
          return value + value;
        }
        static inline __attribute__((always_inline)) int inner(volatile int *place, int value) {
          *place = twice(value);
          if (__builtin_expect(*place == 7, 0)) __builtin_abort();
          return *place;
        }
        """,
        "main.cc": """
        #include "inner.h"
        volatile int place;
        extern "C" int elsewhere(int);
        static inline __attribute__((always_inline)) int middle(int value) {
          for (int i = 0; i < value; i++) {
            int next = i * 3;
            inner(&place, next);
          }
          return place;
        }
        __attribute__((noinline)) int outer(int value) {
          return middle(value) + inner(&place, 2);
        }
        int main(int count, char **words) {
          (void)words;
          return outer(count) + elsewhere(count);
        }
        """,
        "other.cc": """
        namespace space {
        struct Shape {
          int sides;
          int count() const { return sides * 5; }
          template <typename T> __attribute__((always_inline)) T of(T each) const { return count() * each; }
        };
        }
        volatile int written;
        extern "C" int elsewhere(int sides) {
          space::Shape shape{sides};
          written = shape.of(2L);
          return written;
        }
        """,
    ]

    private struct Frame: Equatable {
        var function: String
        var line: String
    }

    /// By llvm-symbolizer, innermost first, of each address. binutils' addr2line repeats the outer function's name where Go inlined.
    private static func expected(_ program: String, _ addresses: [UInt64]) throws -> [[Frame]] {
        let list = addresses.map { "0x" + String($0, radix: 16) }
        let run = try ProgramRun(
            ["llvm-symbolizer", "--obj=" + program, "--functions=linkage", "--no-demangle", "--inlines"] + list)
        #expect(run.status == 0, "\(run.error)")
        var found: [[Frame]] = [[]]
        var function: String?
        for line in run.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.isEmpty {
                found.append([])
            } else if let name = function {
                // "main.c:12:3"
                let place = line.split(separator: ":").dropLast().joined(separator: ":")
                found[found.count - 1].append(Frame(function: name, line: place.hasSuffix(":0") ? "??:0" : place))
                function = nil
            } else {
                function = line
            }
        }
        return found
    }

    /// Every `step`th address of the code.
    private static func addresses(of program: String, step: Int = 1) throws -> [UInt64] {
        let text = try #require(try ELFFile(path: program).layout.section(named: ".text"))
        return Array(stride(from: text.address, to: text.address + text.size, by: step))
    }

    private static func frames(_ lines: SourceLines, _ address: UInt64, outer: String?) -> [Frame] {
        lines.frames(virtualAddress: address).reversed().map { frame in
            Frame(
                function: frame.function.map { String(decoding: $0, as: UTF8.self) } ?? outer ?? "",
                line: frame.line == 0 ? "??:0" : "\(String(decoding: frame.file, as: UTF8.self)):\(frame.line)")
        }
    }

    /// How many addresses were compared, and how many of them lie in inlined functions.
    private func compare(_ program: String, step: Int = 1) throws -> (all: Int, inlined: Int) {
        let addresses = try Self.addresses(of: program, step: step)
        let lines = try #require(SourceLines(try ELFFile(path: program)))
        var (all, inlined) = (0, 0)
        for start in stride(from: 0, to: addresses.count, by: 2000) {
            let piece = Array(addresses[start..<min(start + 2000, addresses.count)])
            for (address, known) in zip(piece, try Self.expected(program, piece)) {
                let frames = Self.frames(lines, address, outer: known.last?.function)
                // Without debug information it names the symbol and its file.
                guard known.contains(where: { $0.line != "??:0" }) else {
                    #expect(frames.allSatisfy { $0.line == "??:0" })
                    continue
                }
                all += 1
                if known.count > 1 { inlined += 1 }
                #expect(frames == known, "\(program) at \(String(address, radix: 16))")
            }
        }
        return (all, inlined)
    }

    private static func build(_ options: [String], in directory: String) throws -> String {
        for (name, text) in files { try Compiler.write(Array(text.utf8), to: directory + "/" + name) }
        let program = directory + "/program"
        try Compiler.run(["g++"] + options + ["-o", program, directory + "/main.cc", directory + "/other.cc"])
        return program
    }

    @Test(arguments: [
        ["-O2", "-g"], ["-O2", "-gdwarf-4"], ["-O3", "-gdwarf-5", "-gz"], ["-O2", "-g", "-no-pie"],
        ["-O2", "-g", "-ffunction-sections", "-Wl,--gc-sections"], ["-O2", "-g", "-flto"],
    ])
    func asTheSymbolizer(options: [String]) throws {
        try Compiler.withDirectory { directory in
            let (all, inlined) = try compare(try Self.build(options, in: directory))
            #expect(all > 100 && inlined > 50, "\(all) \(inlined)")
        }
    }

    /// C++'s standard library, Go, whose DWARF is compressed and has no `.debug_aranges`, and Rust's standard library, as they are
    /// on this machine.
    @Test(arguments: ["spawn_threads", "spawn_loop_go", "spawn_loop_rust"])
    func asTheSymbolizerOfOtherCompilers(name: String) throws {
        guard let program = Workload.prebuilt(name) else { return }
        let (all, inlined) = try compare(program, step: name == "spawn_threads" ? 1 : 97)
        #expect(all > 500 && inlined > 100, "\(all) \(inlined)")
    }

    /// What the compiler keeps in `.dwo` files is the same; where they are gone, a line could be that of an inlined function, and
    /// none is told.
    @Test func splitOff() throws {
        try Compiler.withDirectory { directory in
            let whole = try Self.build(["-O2", "-g"], in: directory)
            let addresses = try Self.addresses(of: whole)
            let lines = try #require(SourceLines(try ELFFile(path: whole)))
            let expected = addresses.map { Self.frames(lines, $0, outer: nil) }
            #expect(expected.contains { $0.count == 3 })
            let split = try Self.build(["-O2", "-g", "-gsplit-dwarf"], in: directory)
            let splitLines = try #require(SourceLines(try ELFFile(path: split)))
            #expect(try Self.addresses(of: split) == addresses)
            #expect(addresses.map { Self.frames(splitLines, $0, outer: nil) } == expected)
            try Compiler.run(["sh", "-c", "rm \"$1\"/*.dwo", "sh", directory])
            let without = try #require(SourceLines(try ELFFile(path: split)))
            #expect(addresses.allSatisfy { without.frames(virtualAddress: $0).isEmpty })
        }
    }

    /// DWARF 4 has them as GNU's extension.
    @Test(arguments: ["-gdwarf-4", "-gdwarf-5"]) func splitOffInOtherVersions(version: String) throws {
        try Compiler.withDirectory { directory in
            let whole = try Self.build(["-O2", "-g", version], in: directory)
            let addresses = try Self.addresses(of: whole)
            let lines = try #require(SourceLines(try ELFFile(path: whole)))
            let expected = addresses.map { Self.frames(lines, $0, outer: nil) }
            let split = try Self.build(["-O2", "-g", version, "-gsplit-dwarf"], in: directory)
            let splitLines = try #require(SourceLines(try ELFFile(path: split)))
            #expect(addresses.map { Self.frames(splitLines, $0, outer: nil) } == expected)
        }
    }

    /// A program names files that nobody opens: each is a FIFO that nobody writes to, or a link to a device.
    @Test(.timeLimit(.minutes(1)), arguments: ["fifo", "device", "directory"]) func filesThatAreNone(kind: String)
        throws
    {
        try Compiler.withDirectory { directory in
            let split = try Self.build(["-O2", "-g", "-gsplit-dwarf"], in: directory)
            let addresses = try Self.addresses(of: split)
            let make = ["fifo": "mkfifo", "device": "ln -s /dev/zero", "directory": "mkdir"][kind] ?? ""
            try Compiler.run(["sh", "-c", "for f in \"$1\"/*.dwo; do rm $f; \(make) $f; done", "sh", directory])
            let lines = try #require(SourceLines(try ELFFile(path: split)))
            #expect(addresses.allSatisfy { lines.frames(virtualAddress: $0).isEmpty })
        }
    }

    /// If the file that dwz(1) shares between several programs is missing, the names in it are not known.
    @Test(.timeLimit(.minutes(1)), arguments: ["fifo", "device", "nothing"]) func sharedFilesThatAreNone(kind: String)
        throws
    {
        try Compiler.withDirectory { directory in
            let text = """
                .text
                .globl _start
                _start: nop
                .Lend:
                .section .debug_abbrev,"",@progbits
                .uleb128 1, 0x11; .byte 1; .uleb128 0x1b, 0x1f21, 0x11, 1, 0x12, 7, 0, 0
                .byte 0
                .section .debug_info,"",@progbits
                .long .Lunitend - .Lversion
                .Lversion: .value 4
                .long 0
                .byte 8
                .uleb128 1; .long 0; .quad _start, .Lend - _start
                .byte 0
                .Lunitend:
                .section .gnu_debugaltlink,"",@progbits
                .asciz "\(directory)/shared"
                .byte 1, 2, 3, 4, 5, 6, 7, 8

                """
            try Compiler.write(Array(text.utf8), to: directory + "/main.s")
            try Compiler.run(["gcc", "-nostdlib", "-static", "-o", directory + "/program", directory + "/main.s"])
            let make = ["fifo": "mkfifo", "device": "ln -s /dev/zero", "nothing": "true"][kind] ?? ""
            try Compiler.run(["sh", "-c", "\(make) \"$1\"/shared", "sh", directory])
            let start = try #require(try ELFFile(path: directory + "/program").layout.section(named: ".text")).address
            let lines = try #require(SourceLines(try ELFFile(path: directory + "/program")))
            #expect(lines.frames(virtualAddress: start).isEmpty)
        }
    }

    @Test func withoutDebugInformation() throws {
        try Compiler.withDirectory { directory in
            let program = try Self.build(["-O2"], in: directory)
            #expect(SourceLines(try ELFFile(path: program)) == nil)
        }
    }

    /// Damaged debug information gives other lines or none.
    @Test func whateverItSays() throws {
        try Compiler.withDirectory { directory in
            let whole = try Compiler.bytes(try Self.build(["-O2", "-g"], in: directory))
            let layout = try ELFFile(bytes: whole).layout
            let sections = layout.sections.filter { $0.name.hasPrefix(".debug_") }
            #expect(sections.count >= 5)
            let text = try #require(layout.section(named: ".text"))
            let seed = RandomSeed.ofThisRun
            var random = Xorshift(seed: seed)
            var found = 0
            for _ in 0..<10_000 {
                var bytes = whole
                for _ in 0...random.next(below: 8) {
                    let section = sections[random.next(below: sections.count)]
                    let offset = Int(section.fileOffset) + random.next(below: Int(section.size))
                    bytes[offset] = UInt8(random.next(below: 256))
                }
                guard let lines = SourceLines(try ELFFile(bytes: bytes)) else { continue }
                for _ in 0..<8 {
                    let address = text.address + UInt64(random.next(below: Int(text.size)))
                    found += lines.frames(virtualAddress: address).count
                }
            }
            #expect(found > 0)
        }
    }
}
