@testable import ELFImages
import Glibc
import TestSupport
import Testing

/// What reading a file may cost is told by its bytes on disk, not by what its headers say: the time limit is a watchdog.
@Suite(.serialized, .timeLimit(.minutes(1))) struct BoundedReadingTests {
    /// RUSAGE_SELF of getrusage(2), which is imported as an enumeration.
    private static let thisProcess: Int32 = 0

    /// KiB by which this process' greatest memory grew, and KiB that it read.
    private func cost(_ body: () throws -> Void) throws -> (memory: Int, read: Int) {
        func spent() throws -> (Int, Int) {
            var usage = rusage()
            getrusage(Self.thisProcess, &usage)
            // proc_pid_io(5): what read(2) and the like returned, "rchar: 5".
            let text = String(decoding: try Compiler.bytes("/proc/self/io"), as: UTF8.self)
            let read = text.prefix { $0 != "\n" }.split(separator: " ").last.flatMap { Int($0) }
            return (usage.ru_maxrss, try #require(read) >> 10)
        }
        let before = try spent()
        try body()
        let after = try spent()
        return (after.0 - before.0, after.1 - before.1)
    }

    private static func patch(_ bytes: inout [UInt8], _ offset: Int, _ value: UInt64, size: Int = 8) {
        for byte in 0..<size { bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
    }

    private static func headers(_ bytes: [UInt8]) -> Int { bytes[40..<48].reversed().reduce(0) { $0 << 8 | Int($1) } }

    /// Section numbers of `ELFBuilder`: its note, symbols, their names, dynamic symbols, their names and the sections' names. Each says
    /// that it is 3 GiB of hole.
    @Test(arguments: [4, 5, 6, 7, 8, 9], [UInt64(3) << 30, 900 << 20])
    func sectionsOfHoles(section: Int, size: UInt64) throws {
        try Compiler.withDirectory { directory in
            let path = directory + "/sparse"
            var bytes = ELFBuilder(
                buildID: [1, 2, 3, 4], symbols: [.init(name: "main", value: 0x1040, size: 0x20)],
                dynamicSymbols: [.init(name: "other", value: 0x1080, size: 0x20)]
            ).bytes()
            let header = Self.headers(bytes) + section * 64
            Self.patch(&bytes, header + 24, UInt64(bytes.count))
            Self.patch(&bytes, header + 32, size)
            try Compiler.write(bytes, to: path)
            #expect(truncate(path, off_t(size) + off_t(bytes.count)) == 0)
            var limits: [ReadingLimit] = []
            var isRead = true
            let cost = try cost {
                do throws(ELFError) {
                    let image = try ELFImage(path: path)
                    limits = image.limits
                    _ = SymbolTable(image, view: .best) { _ in nil }
                } catch {
                    isRead = false
                }
            }
            #expect(cost.memory < 64 << 10 && cost.read < 64 << 10, "\(cost)")
            // Larger than any that is read, it is passed over.
            if size < 1 << 30, section > 4, section < 9 { #expect(limits.count == 1, "\(limits)") }
            #expect(isRead == (section != 9))
        }
    }

    /// A header that is nothing but a number of sections, each of which would take memory before it is looked at.
    @Test func sectionsWithoutNumber() throws {
        try Compiler.withDirectory { directory in
            let path = directory + "/sections"
            var bytes = ELFBuilder().bytes()
            Self.patch(&bytes, 60, 0, size: 2)
            Self.patch(&bytes, Self.headers(bytes) + 32, 1 << 24)
            try Compiler.write(bytes, to: path)
            #expect(truncate(path, 2 << 30) == 0)
            let cost = try cost {
                #expect(throws: ELFError.tooLarge(section: "section headers", size: 1 << 24)) {
                    _ = try ELFFile(path: path)
                }
            }
            #expect(cost.memory < 32 << 10 && cost.read < 64 << 10, "\(cost)")
        }
    }

    /// Program headers are gone through for every symbol.
    @Test func segmentsWithoutNumber() throws {
        var bytes = ELFBuilder().bytes()
        Self.patch(&bytes, 56, 0xFFFE, size: 2)
        bytes += [UInt8](repeating: 0, count: 56 * 0xFFFE)
        #expect(throws: ELFError.tooLarge(section: "program headers", size: 0xFFFE)) { _ = try ELFFile(bytes: bytes) }
    }

    /// 60,000 sections that share one name of 2 MiB, read so often that the watchdog would see it if each were gone through.
    @Test func longSectionNames() throws {
        var bytes = ELFBuilder().bytes()
        while bytes.count % 8 != 0 { bytes.append(0) }
        let names = bytes.count
        bytes += [UInt8](repeating: UInt8(ascii: "n"), count: 2 << 20) + [0, 0, 0, 0, 0, 0, 0, 0]
        let table = bytes.count
        let count = 60_000
        bytes += [UInt8](repeating: 0, count: 64 * count)
        Self.patch(&bytes, 40, UInt64(table))
        Self.patch(&bytes, 60, UInt64(count), size: 2)
        Self.patch(&bytes, 62, 1, size: 2)
        Self.patch(&bytes, table + 64 + 4, 3, size: 4)
        Self.patch(&bytes, table + 64 + 24, UInt64(names))
        Self.patch(&bytes, table + 64 + 32, 2 << 20)
        let cost = try cost {
            for _ in 0..<4 {
                let layout = try ELFFile(bytes: bytes).layout
                #expect(layout.sections.count == count)
                #expect(layout.sections.dropFirst().allSatisfy { $0.name.utf8.count == 256 })
            }
        }
        #expect(cost.memory < 128 << 10 && cost.read < 64 << 10, "\(cost)")
    }

    /// Each stub repeats the name of the symbol that it jumps to.
    @Test func namesAreCutAndTold() throws {
        let long = String(repeating: "x", count: 30 << 20)
        let image = try ELFImage(bytes: ELFBuilder(symbols: [.init(name: long, value: 0x1040, size: 0x20)]).bytes())
        let table = SymbolTable(image, view: .best) { _ in nil }
        let index = try #require(table.index(containing: 0x1050))
        #expect(table.name(at: index).count == 4096 && image.limits == [.longNames])
        let short = ELFBuilder(symbols: [.init(name: String(repeating: "x", count: 4096), value: 0x1040, size: 0x20)])
        #expect(try ELFImage(bytes: short.bytes()).limits.isEmpty)
    }

    /// Holes need not be read to be reckoned; what there is decides.
    @Test func checksumsOfHoles() throws {
        try Compiler.withDirectory { directory in
            let path = directory + "/debug"
            var bytes = [UInt8](repeating: 0, count: 5 << 20)
            var random = Xorshift(seed: 1)
            for place in (2 << 20)..<(2 << 20) + 5000 { bytes[place] = UInt8(random.next(below: 256)) }
            // Nothing else than what begins as an ELF file does is opened.
            bytes.replaceSubrange(0..<4, with: [0x7F, 0x45, 0x4C, 0x46])
            try Compiler.write(bytes, to: path + ".whole")
            let known = try #require(FileChecksum.of(path: path + ".whole"))
            try Compiler.write([], to: path)
            #expect(truncate(path, 5 << 20) == 0)
            let file = open(path, O_WRONLY)
            #expect(pwrite(file, Array(bytes[(2 << 20)..<(2 << 20) + 5000]), 5000, 2 << 20) == 5000)
            #expect(pwrite(file, Array(bytes[..<4]), 4, 0) == 4)
            close(file)
            #expect(FileChecksum.of(path: path) == known)
            #expect(truncate(path, 30 << 30) == 0)
            var found: UInt32?
            let cost = try cost { found = FileChecksum.of(path: path) }
            #expect(found != nil && found != known && cost.read < 64 << 10, "\(cost)")
            #expect(truncate(path, 0) == 0)
            #expect(FileChecksum.of(path: path) == nil)
        }
    }

    /// Compressed debug information whose headers say 3 GiB, and such that is 400 MiB of zeros.
    @Test(arguments: ["zlib", "zlib-gnu"]) func debugInformationThatUnpacks(style: String) throws {
        try Compiler.withDirectory { directory in
            try Compiler.write(Array("int main(void) { return 0; }".utf8), to: directory + "/main.c")
            try Compiler.write([UInt8](repeating: 0, count: 400 << 20), to: directory + "/zeros")
            let program = directory + "/program"
            try Compiler.run(["gcc", "-g", "-gdwarf-4", "-o", program, directory + "/main.c"])
            #expect(SourceLines(try ELFFile(path: program)) != nil)
            try Compiler.run([
                "objcopy", "--add-section", ".debug_types=" + directory + "/zeros", program,
            ])
            try Compiler.run(["objcopy", "--compress-debug-sections=" + style, program])
            var limits: [ReadingLimit] = []
            let cost = try cost {
                let file = try ELFFile(path: program)
                let budget = file.handle.budget
                #expect(SourceLines(file) == nil)
                limits = budget.limits
            }
            #expect(limits == [.debugInformation] && cost.memory < 128 << 10, "\(limits) \(cost)")
        }
    }

    /// `.gnu_debugdata` of 10 KB that holds 64 MiB.
    @Test func compressedSymbolsThatUnpack() throws {
        try Compiler.withDirectory { directory in
            try Compiler.write([UInt8](repeating: 0, count: 64 << 20), to: directory + "/zeros")
            try Compiler.run(["xz", directory + "/zeros"])
            let packed = try Compiler.bytes(directory + "/zeros.xz")
            let unpacked = XZ.decompressed(packed)
            #expect(unpacked.bytes == nil && unpacked.isTooLarge)
        }
    }

    /// The vDSO has the bytes that /proc/self/maps shows.
    @Test func theVirtualObject() throws {
        let maps = try Compiler.bytes("/proc/self/maps")
        let line = String(decoding: maps, as: UTF8.self).split(separator: "\n").first { $0.hasSuffix("[vdso]") }
        let bounds = try #require(line).prefix { $0 != " " }.split(separator: "-").compactMap { Int($0, radix: 16) }
        #expect(try #require(VirtualDSO.bytesOfThisMachine()).count == bounds[1] - bounds[0])
    }
}
