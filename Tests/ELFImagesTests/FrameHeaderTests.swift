import TestSupport
import Testing

@testable import ELFImages

/// Programs whose section headers were cut off, as sstrip(1) does: their frames are found as the program itself finds them.
@Suite struct FrameHeaderTests {
    /// The program with PT_LOAD bytes alone, and no word of sections in its header.
    private static func withoutSectionHeaders(_ path: String) throws -> [UInt8] {
        try ELFFile(path: path).layout.withoutSectionHeaders(Compiler.bytes(path))
    }

    @Test(arguments: ["/bin/bash", "/lib/x86_64-linux-gnu/libc.so.6", "/usr/bin/make"])
    func framesAreThoseOfTheSections(path: String) throws {
        let expected = try ELFFile(path: path).unwindSections()
        let file = try ELFFile(bytes: Self.withoutSectionHeaders(path))
        #expect(file.layout.sections.isEmpty)
        let found = file.unwindSections()
        #expect(found.exceptionFrameHeader?.address == expected.exceptionFrameHeader?.address)
        #expect(found.exceptionFrameHeader?.bytes == expected.exceptionFrameHeader?.bytes)
        #expect(found.exceptionFrames?.address == expected.exceptionFrames?.address)
        #expect(found.exceptionFrames?.bytes == expected.exceptionFrames?.bytes)
        #expect(found.code.map(\.address) == expected.code.map(\.address))
    }

    /// What its pointer's encoding says, where it points, and sizes: nothing but the right ones give frames.
    @Test func pointersThatLieGiveNothing() throws {
        let path = "/usr/bin/make"
        let original = try Self.withoutSectionHeaders(path)
        let file = try ELFFile(bytes: original)
        let header = try #require(file.layout.exceptionFrameHeader)
        let place = Int(header.fileOffset)
        try #require(original[place + 1] == 0x1B)
        func frames(_ change: (inout [UInt8]) -> Void) throws -> ELFUnwindSections.Section? {
            var bytes = original
            change(&bytes)
            return try ELFFile(bytes: bytes).unwindSections().exceptionFrames
        }
        func pointer(_ encoding: UInt8, _ value: UInt64) throws -> ELFUnwindSections.Section? {
            try frames { bytes in
                bytes[place + 1] = encoding
                for index in 0..<8 { bytes[place + 4 + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
            }
        }
        let address = try #require(file.unwindSections().exceptionFrames?.address)
        // The same place, written in other ways.
        for (encoding, value) in [
            (0x00, address), (0x03, address), (0x0B, address), (0x0C, address), (0x04, address),
            (0x1B, address &- header.virtualAddress &- 4), (0x1C, address &- header.virtualAddress &- 4),
            (0x3B, address &- header.virtualAddress), (0x3C, address &- header.virtualAddress),
        ] as [(UInt8, UInt64)] {
            #expect(try pointer(encoding, value)?.address == address, "encoding \(encoding)")
        }
        // Omitted, indirect, of LEB128, of two bytes, relative to text or function, aligned; and no such address.
        for encoding in [0xFF, 0x9B, 0x01, 0x09, 0x02, 0x0A, 0x2B, 0x4B, 0x50, 0x6B] as [UInt8] {
            #expect(try pointer(encoding, address) == nil, "encoding \(encoding)")
        }
        for value in [0x7FFF_FFFF_FFFF_FFFF, .max, .max - 3, 1 << 63] as [UInt64] {
            #expect(try pointer(0x00, value) == nil)
        }
        #expect(try frames { $0[place] = 2 } == nil)
        #expect(try frames { $0.removeLast($0.count - place - 2) } == nil)
    }

    /// Random damage to program headers, to the pointer and to the first entries: an answer every time, no larger than the file.
    @Test func damagedHeaders() throws {
        let original = try Self.withoutSectionHeaders("/usr/bin/make")
        let file = try ELFFile(bytes: original)
        let header = try #require(file.layout.exceptionFrameHeader)
        let frames = try #require(file.unwindSections().exceptionFrames)
        let start = try #require(file.layout.fileRange(fromVirtualAddress: frames.address)).lowerBound
        let targets =
            [64..<64 + 56 * 13, Int(header.fileOffset)..<Int(header.fileOffset) + 16]
            + [Int(start)..<Int(start) + 64]
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        var found = 0
        for _ in 0..<400 {
            var bytes = original
            for _ in 0...random.next(below: 3) {
                let target = targets[random.next(below: targets.count)]
                let index = target.lowerBound + random.next(below: target.count)
                let value = random.next(below: 2) == 0 ? random.extreme() : UInt64(random.next(below: 256))
                for byte in 0..<(random.next(below: 2) == 0 ? 8 : 1) where index + byte < bytes.count {
                    bytes[index + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
                }
            }
            guard let damaged = try? ELFFile(bytes: bytes) else { continue }
            let sections = damaged.unwindSections()
            if let frames = sections.exceptionFrames {
                found += 1
                #expect(frames.bytes.count <= bytes.count, "seed \(seed)")
            }
            for code in sections.code { #expect(code.size <= UInt64(bytes.count), "seed \(seed)") }
        }
        #expect(found > 10 && found < 400, "seed \(seed): \(found)")
    }
}

extension ELFLayout {
    /// The file's bytes up to the end of its last PT_LOAD segment, without e_shoff, e_shnum and e_shstrndx (elf(5)).
    func withoutSectionHeaders(_ bytes: [UInt8]) -> [UInt8] {
        let end = segments.map { $0.fileOffset + $0.fileSize }.max() ?? 0
        var bytes = Array(bytes.prefix(Int(end)))
        for index in Array(0x28..<0x30) + Array(0x3C..<0x40) { bytes[index] = 0 }
        return bytes
    }
}
