import ELFImages
import TestSupport
import Testing

/// The sections that describe frames, of files as the compiler makes them and of damaged ones.
@Suite struct UnwindSectionsTests {
    private static let source = "int f(int n) { return n + 1; } int main(int n, char **v) { return f(n); }"

    /// Compressed or not, `.debug_frame` has the same bytes.
    @Test func compressedFrames() throws {
        try Compiler.withDirectory { directory in
            let options = ["-g", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"]
            let plain = try ELFFile(path: Compiler.program(Self.source, options + ["-gz=none"], in: directory))
            let expected = try #require(plain.unwindSections().debugFrames?.bytes)
            let compressed = try ELFFile(path: Compiler.program(Self.source, options + ["-gz=zlib"], in: directory))
            let flags = try #require(compressed.layout.section(named: ".debug_frame")?.flags)
            #expect(flags & 0x800 != 0, "the compiler compressed nothing")
            #expect(compressed.unwindSections().debugFrames?.bytes == expected)
        }
    }

    /// The code is that of the executable segments, where the file has it.
    @Test func codeAndExceptionFrames() throws {
        try Compiler.withDirectory { directory in
            let path = try Compiler.program(Self.source, ["-fPIE", "-pie"], in: directory)
            let file = try ELFFile(path: path)
            let sections = file.unwindSections()
            let bytes = try Compiler.bytes(path)
            let segment = try #require(file.layout.segments.first { $0.isExecutable })
            let start = Int(segment.fileOffset)
            #expect(sections.code.first?.address == segment.virtualAddress)
            #expect(
                sections.code.first?.bytes(at: 0, count: 1 << 16)
                    == Array(bytes[start..<start + Int(segment.fileSize)]))
            let frames = try #require(file.layout.section(named: ".eh_frame"))
            #expect(sections.exceptionFrames?.address == frames.address)
            #expect(sections.exceptionFrames?.bytes.count == Int(frames.size))
            #expect(sections.exceptionFrameHeader?.bytes.first == 1)
            #expect(sections.textAddress == file.layout.section(named: ".text")?.address)
        }
    }

    /// Sizes, flags and headers of compression that lie: no trap, and nothing is allocated by what they say.
    @Test func damagedFiles() throws {
        try Compiler.withDirectory { directory in
            let path = try Compiler.program(
                Self.source, ["-g", "-gz=zlib", "-fno-asynchronous-unwind-tables"], in: directory)
            let original = try Compiler.bytes(path)
            let file = try ELFFile(path: path)
            let compressed = try #require(file.layout.section(named: ".debug_frame"))
            let headers = 64 * file.layout.sections.count
            var targets = [0..<1024, (original.count - headers)..<original.count]
            targets.append(Int(compressed.fileOffset)..<Int(compressed.fileOffset + compressed.size))
            let seed = RandomSeed.ofThisRun
            var random = Xorshift(seed: seed)
            var readable = 0
            for _ in 0..<2000 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let target = try #require(targets.randomElement(using: &random))
                    let index = Int.random(in: target, using: &random)
                    bytes[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
                }
                guard let damaged = try? ELFFile(bytes: bytes) else { continue }
                let sections = damaged.unwindSections()
                readable += 1
                for section in [sections.debugFrames, sections.exceptionFrames].compactMap(\.self) {
                    #expect(section.bytes.count <= 1032 * bytes.count, "seed \(seed)")
                }
            }
            #expect(readable > 100, "seed \(seed)")
        }
    }
}
