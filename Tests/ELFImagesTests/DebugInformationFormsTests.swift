import ELFImages
import Glibc
import TestSupport
import Testing

/// Debug information in other forms tells the same lines and inlined functions as plain: compressed by zstd, split off and put into a
/// package, shared with other programs by DWARF 5's means.
@Suite struct DebugInformationFormsTests {
    private static let files = [
        "main.cc": """
        volatile int place;
        static inline __attribute__((always_inline)) int twice(int value) { return value + value; }
        static inline __attribute__((always_inline)) int inner(int value) {
          place = twice(value);
          return place;
        }
        extern "C" int elsewhere(int);
        __attribute__((noinline)) int outer(int value) {
          int sum = 0;
          for (int i = 0; i < value; i++) sum += inner(i);
          return sum;
        }
        int main(int count, char **) { return outer(count) + elsewhere(count); }
        """,
        "other.cc": """
        struct Shape {
          int sides;
          __attribute__((always_inline)) int count() const { return sides * 5; }
        };
        extern "C" int elsewhere(int sides) {
          Shape shape{sides};
          volatile int written = shape.count();
          return written;
        }
        """,
    ]

    private static func build(_ compiler: String, _ options: [String], in directory: String) throws -> String {
        for (name, text) in files { try Compiler.write(Array(text.utf8), to: directory + "/" + name) }
        let program = directory + "/program"
        let run = try ProgramRun(
            [compiler] + options + ["-o", program, directory + "/main.cc", directory + "/other.cc"])
        try #require(run.status == 0, "\(run.error)")
        return program
    }

    private static func addresses(of program: String) throws -> [UInt64] {
        let text = try #require(try ELFFile(path: program).layout.section(named: ".text"))
        return Array(text.address..<text.address + text.size)
    }

    private static func frames(_ path: String, _ addresses: [UInt64]) throws -> [[SourceFrame]] {
        let lines = try #require(SourceLines(try ELFFile(path: path)))
        return addresses.map { lines.frames(virtualAddress: $0) }
    }

    /// The first words of the sections, which say how they are compressed.
    private static func compressions(of path: String) throws -> Set<UInt8> {
        let bytes = try Compiler.bytes(path)
        let sections = try ELFFile(path: path).layout.sections.filter { $0.flags & 0x800 != 0 }
        return Set(sections.map { bytes[Int($0.fileOffset)] })
    }

    @Test(arguments: ["g++", "clang++"]) func compressedByZstandard(compiler: String) throws {
        try Compiler.withDirectory { directory in
            let plain = try Self.build(compiler, ["-O2", "-g"], in: directory)
            let addresses = try Self.addresses(of: plain)
            let expected = try Self.frames(plain, addresses)
            #expect(expected.contains { $0.count == 2 })
            let packed = try Self.build(compiler, ["-O2", "-g", "-Wl,--compress-debug-sections=zstd"], in: directory)
            #expect(try Self.compressions(of: packed) == [2])
            #expect(try Self.addresses(of: packed) == addresses)
            #expect(try Self.frames(packed, addresses) == expected)
            // Some by zlib, some not at all.
            try Compiler.run(["objcopy", "--only-keep-debug", packed, packed + ".debug"])
            #expect(try Self.frames(packed + ".debug", addresses) == expected)
        }
    }

    /// Of one section a byte is another. It is found by its size, or by what is missing of it.
    @Test func damaged() throws {
        try Compiler.withDirectory { directory in
            let path = try Self.build("g++", ["-O2", "-g", "-Wl,--compress-debug-sections=zstd"], in: directory)
            let whole = try Compiler.bytes(path)
            let layout = try ELFFile(path: path).layout
            let addresses = try Self.addresses(of: path)
            let sections = layout.sections.filter { $0.flags & 0x800 != 0 }
            #expect(sections.count > 5)
            var told = 0
            for section in sections {
                for place in [8, 24, 30, Int(section.size) - 1] {
                    var bytes = whole
                    bytes[Int(section.fileOffset) + place] ^= 0xFF
                    let (lines, limits) = SourceLines.read(try ELFFile(bytes: bytes), of: path)
                    _ = addresses.map { lines?.frames(virtualAddress: $0) }
                    if lines == nil, !limits.isEmpty { told += 1 }
                }
            }
            #expect(told >= sections.count * 2)
        }
    }

    @Test func unwindingByACompressedSection() throws {
        try Compiler.withDirectory { directory in
            let options = ["-O2", "-g", "-fno-asynchronous-unwind-tables", "-fno-exceptions"]
            let plain = try ELFFile(path: Self.build("g++", options, in: directory)).unwindSections()
            let packed = try ELFFile(
                path: Self.build("g++", options + ["-Wl,--compress-debug-sections=zstd"], in: directory))
            let frames = try #require(plain.debugFrames)
            let section = try #require(packed.layout.section(named: ".debug_frame"))
            #expect(section.flags & 0x800 != 0 && frames.bytes.count > Int(section.size))
            #expect(packed.unwindSections().debugFrames?.bytes == frames.bytes)
        }
    }

    /// Without the `.dwo` files, which went into the package.
    @Test(
        arguments: ["g++", "clang++"],
        [["-gdwarf-4"], ["-gdwarf-5"], ["-gdwarf-5", "zlib"], ["-gdwarf-5", "zstd"], ["-gdwarf-4", "zstd"]])
    func packages(compiler: String, form: [String]) throws {
        let (version, compression) = (form[0], form.dropFirst())
        try Compiler.withDirectory { directory in
            let plain = try Self.build(compiler, ["-O2", "-g", version], in: directory)
            let addresses = try Self.addresses(of: plain)
            let expected = try Self.frames(plain, addresses)
            #expect(expected.contains { $0.count == 2 })
            let split = try Self.build(compiler, ["-O2", "-g", version, "-gsplit-dwarf"], in: directory)
            try Compiler.run(["sh", "-c", "cd \"$1\" && llvm-dwp -e program -o program.dwp", "sh", directory])
            for kind in compression {
                try Compiler.run(["objcopy", "--compress-debug-sections=\(kind)", split + ".dwp"])
                #expect(try Self.compressions(of: split + ".dwp") == [kind == "zlib" ? 1 : 2])
            }
            try Compiler.run(["sh", "-c", "rm \"$1\"/*.dwo", "sh", directory])
            #expect(try Self.addresses(of: split) == addresses)
            #expect(try Self.frames(split, addresses) == expected)
        }
    }

    /// Binutils' own, of DWARF 4.
    @Test func anotherPackager() throws {
        try Compiler.withDirectory { directory in
            let plain = try Self.build("g++", ["-O2", "-g", "-gdwarf-4"], in: directory)
            let addresses = try Self.addresses(of: plain)
            let expected = try Self.frames(plain, addresses)
            let split = try Self.build("g++", ["-O2", "-g", "-gdwarf-4", "-gsplit-dwarf"], in: directory)
            try Compiler.run(["sh", "-c", "cd \"$1\" && dwp -e program && rm *.dwo", "sh", directory])
            #expect(try Self.frames(split, addresses) == expected)
        }
    }

    /// Bytes of a package that are others give other names or none.
    @Test func damagedPackages() throws {
        try Compiler.withDirectory { directory in
            let split = try Self.build("g++", ["-O2", "-g", "-gsplit-dwarf"], in: directory)
            try Compiler.run([
                "sh", "-c", "cd \"$1\" && llvm-dwp -e program -o program.dwp && rm *.dwo", "sh", directory,
            ])
            let addresses = try Self.addresses(of: split)
            let whole = try Compiler.bytes(split + ".dwp")
            let layout = try ELFFile(path: split + ".dwp").layout
            let seed = RandomSeed.ofThisRun
            var random = Xorshift(seed: seed)
            var found = 0
            for round in 0..<600 {
                var bytes = whole
                let names = [".debug_cu_index", ".debug_str_offsets.dwo", ".debug_info.dwo", ".debug_rnglists.dwo"]
                let section = try #require(layout.section(named: names[round % names.count]))
                for _ in 0...random.next(below: 4) {
                    bytes[Int(section.fileOffset) + random.next(below: Int(section.size))] = UInt8(
                        random.next(below: 256))
                }
                try Compiler.write(bytes, to: split + ".dwp")
                let lines = try #require(SourceLines(try ELFFile(path: split)))
                for address in addresses { found += lines.frames(virtualAddress: address).count }
            }
            #expect(found > 0, "seed \(seed)")
        }
    }

    /// What is missing is known by its name.
    @Test func whatIsMissing() throws {
        try Compiler.withDirectory { directory in
            let split = try Self.build("clang++", ["-O2", "-g", "-gsplit-dwarf"], in: directory)
            let addresses = try Self.addresses(of: split)
            let whole = try #require(SourceLines(try ELFFile(path: split)))
            #expect(addresses.map { whole.frames(virtualAddress: $0).count }.contains(2))
            #expect(whole.missingFile == nil)
            try Compiler.run(["sh", "-c", "rm \"$1\"/*other.dwo", "sh", directory])
            let without = try #require(SourceLines(try ELFFile(path: split)))
            #expect(addresses.map { without.frames(virtualAddress: $0).count }.contains(2))
            #expect(without.missingFile?.hasSuffix("other.dwo") == true, "\(without.missingFile ?? "")")
        }
    }

    /// `_start` has an inlined function whose name stands in the shared file.
    private static func supplemented(_ name: String, checksum: String) -> String {
        """
        .text
        .globl _start
        _start: nop
        nop
        .Lend:
        .section .debug_abbrev,"",@progbits
        .uleb128 1, 0x11; .byte 1; .uleb128 0x1b, 8, 0x11, 1, 0x12, 7, 0x10, 0x17, 0, 0
        .uleb128 2, 0x2e; .byte 1; .uleb128 3, 8, 0x11, 1, 0x12, 7, 0, 0
        .uleb128 3, 0x1d; .byte 0; .uleb128 3, 0x1d, 0x11, 1, 0x12, 7, 0x59, 0x0b, 0, 0
        .byte 0
        .section .debug_info,"",@progbits
        .long .Lunitend - .Lversion
        .Lversion: .value 5
        .byte 1, 8
        .long 0
        .uleb128 1; .asciz "/"; .quad _start, .Lend - _start; .long 0
        .uleb128 2; .asciz "start"; .quad _start, .Lend - _start
        .uleb128 3; .long 1; .quad _start, .Lend - _start; .byte 7
        .byte 0, 0
        .Lunitend:
        .section .debug_sup,"",@progbits
        .value 5
        .byte 0
        .asciz "\(name)"
        .byte 4, \(checksum)

        """
    }

    /// Where `DW_FORM_strp_sup` leads, and nowhere where the file is missing or another one.
    @Test(arguments: ["1, 2, 3, 4", "1, 2, 3, 5"], ["shared", "nothing"])
    func sharedByDWARF5(checksum: String, name: String) throws {
        try Compiler.withDirectory { directory in
            let shared = """
                .section .debug_str,"MS",@progbits,1
                .asciz ""
                .asciz "far"
                .section .debug_abbrev,"",@progbits
                .uleb128 1, 0x3c; .byte 0; .uleb128 0, 0
                .byte 0
                .section .debug_info,"",@progbits
                .long .Lend - .Lversion
                .Lversion: .value 5
                .byte 3, 8
                .long 0
                .uleb128 1
                .Lend:
                .section .debug_sup,"",@progbits
                .value 5
                .byte 1, 0, 4, 1, 2, 3, 4

                """
            try Compiler.write(Array(shared.utf8), to: directory + "/shared.s")
            try Compiler.run(["gcc", "-c", "-o", directory + "/shared", directory + "/shared.s"])
            let text = Self.supplemented(name, checksum: checksum)
            try Compiler.write(Array(text.utf8), to: directory + "/main.s")
            try Compiler.run(["gcc", "-nostdlib", "-static", "-o", directory + "/program", directory + "/main.s"])
            let start = try #require(try ELFFile(path: directory + "/program").layout.section(named: ".text")).address
            let lines = try #require(SourceLines(try ELFFile(path: directory + "/program")))
            let frames = lines.frames(virtualAddress: start)
            let isThere = name == "shared" && checksum.hasSuffix("4")
            #expect(
                frames.last?.function.map { String(decoding: $0, as: UTF8.self) } == (isThere ? "far" : "[inlined]"))
            #expect(lines.missingFile == (isThere ? nil : name))
        }
    }
}
