import ByteAccess
@testable import ELFImages
import PerfRecords
import TestSupport
import Testing

/// Function names of Go programs without a symbol table, the tables laid out by hand as Go's linker writes them.
@Suite struct GoNameTableTests {
    private static let functions: [(entry: UInt64, name: String)] = [
        (0x40, "runtime.text"), (0x100, "main.main"), (0x180, "main.(*T).run"), (0x200, ""), (0x240, "main.Map[...]"),
    ]
    private static let end: UInt64 = 0x300

    private func table(magic: UInt32, textStart: UInt64) -> [UInt8] {
        let isOld = magic == 0xFFFF_FFFA
        var names: [UInt8] = []
        var places: [UInt32] = []
        for function in Self.functions {
            places.append(UInt32(names.count))
            names += Array(function.name.utf8) + [0]
        }
        names.pad(to: 8)
        let header = isOld ? 64 : 72
        let tableOffset = header + names.count
        var entries: [UInt8] = []
        var data: [UInt8] = []
        let size = (Self.functions.count + 1) * (isOld ? 16 : 8)
        for (index, function) in Self.functions.enumerated() {
            if isOld {
                entries.store(textStart + function.entry)
                entries.store(UInt64(size + data.count))
                data.store(textStart + function.entry)
            } else {
                entries.store(UInt32(function.entry))
                entries.store(UInt32(size + data.count))
                data.store(UInt32(function.entry))
            }
            data.store(places[index])
            data += [UInt8](repeating: 0, count: 32)
        }
        if isOld {
            entries.store(textStart + Self.end)
            entries.store(UInt64(0))
        } else {
            entries.store(UInt32(Self.end))
            entries.store(UInt32(0))
        }
        var bytes: [UInt8] = []
        bytes.store(magic)
        bytes += [0, 0, 1, 8]
        bytes.store(UInt64(Self.functions.count))
        bytes.store(UInt64(0))
        if !isOld { bytes.store(textStart) }
        bytes.store(UInt64(header))
        for _ in 0..<3 { bytes.store(UInt64(tableOffset)) }
        bytes.store(UInt64(tableOffset))
        return bytes + names + entries + data
    }

    private func read(_ table: GoNameTable?, _ bytes: [UInt8]) -> [String] {
        guard let table else { return ["none"] }
        return (0..<table.count).compactMap { table.function($0) }.map { function in
            let name = bytes[table.names].dropFirst(Int(function.name)).prefix { $0 != 0 }
            return "\(String(function.range.lowerBound, radix: 16))-\(String(function.range.upperBound, radix: 16)) "
                + String(decoding: name, as: UTF8.self)
        }
    }

    @Test(arguments: [UInt32(0xFFFF_FFFA), 0xFFFF_FFF0, 0xFFFF_FFF1])
    func everyLayout(magic: UInt32) {
        let bytes = table(magic: magic, textStart: 0x400000)
        #expect(
            read(GoNameTable(bytes, text: nil), bytes) == [
                "400040-400100 runtime.text", "400100-400180 main.main", "400180-400200 main.(*T).run",
                "400200-400240 ",
                "400240-400300 main.Map[...]",
            ])
    }

    /// Go before 1.16, big-endian programs, and 32-bit ones.
    @Test func otherLayoutsAreRefused() {
        for magic in [UInt32(0xFFFF_FFFB), 0xFBFF_FFFF, 0, 0xFFFF_FFF2] {
            #expect(GoNameTable(table(magic: magic, textStart: 1), text: nil) == nil)
            let expected: GoTableError = magic == 0xFFFF_FFFB ? .beforeGo116 : .unknown
            #expect(GoTableError(ofTable: table(magic: magic, textStart: 1)) == expected)
        }
        var narrow = table(magic: 0xFFFF_FFF1, textStart: 0x400000)
        narrow[7] = 4
        #expect(GoNameTable(narrow, text: nil) == nil)
    }

    /// A position-independent program's table has no address: the text's is taken where the functions fill it.
    @Test func withoutAnAddress() {
        let bytes = table(magic: 0xFFFF_FFF1, textStart: 0)
        func text(_ size: UInt64) -> ELFSection {
            ELFSection(
                name: ".text", type: 1, flags: 6, address: 0x1000, fileOffset: 0x1000, size: size, link: 0, entrySize: 0
            )
        }
        #expect(GoNameTable(bytes, text: nil) == nil)
        #expect(read(GoNameTable(bytes, text: text(0x320)), bytes)[1] == "1100-1180 main.main")
        // C code stands there, too: before or behind.
        #expect(GoNameTable(bytes, text: text(0x800)) == nil)
        #expect(GoTableError(ofTable: bytes) == .withoutStart)
        #expect(GoNameTable(bytes, text: text(0x2ff)) == nil)
    }

    /// A real program with and without its symbol table: every function has the same name, but for what only the linker adds.
    @Test(.enabled(if: Workload.prebuilt("spawn_loop_go_stripped") != nil || PerfPrivileges.areRequired, "needs Go"))
    func namesAreThoseOfTheSymbolTable() throws {
        func table(_ name: String) throws -> SymbolTable {
            SymbolTable(try ELFImage(path: #require(Workload.prebuilt(name))), view: .best) { _ in nil }
        }
        /// Without the calling convention, the linker's own dot, and with the shapes of a generic function's types left out as Go's own table does.
        func plain(_ name: ArraySlice<UInt8>) -> String {
            var text = String(decoding: name, as: UTF8.self).replacing("·", with: ".")
            for suffix in [".abi0", ".abiinternal"] where text.hasSuffix(suffix) { text.removeLast(suffix.count) }
            guard let open = text.firstIndex(of: "["), let close = text.lastIndex(of: "]"), open < close else {
                return text
            }
            return text[...open] + "..." + text[close...]
        }
        let (whole, stripped) = (try table("spawn_loop_go"), try table("spawn_loop_go_stripped"))
        var different: [String] = []
        for index in 0..<stripped.count {
            guard let start = stripped.range(at: index)?.lowerBound else { continue }
            let name = plain(stripped.name(at: index))
            let other = whole.index(containing: start).map { plain(whole.name(at: $0)) }
            if name != other { different.append("\(name) is \(other ?? "nothing")") }
        }
        #expect(
            stripped.count > 1000 && different == [], "\(different.count) of \(stripped.count): \(different.prefix(20))"
        )
    }

    @Test func whateverItHolds() {
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        for magic in [UInt32(0xFFFF_FFFA), 0xFFFF_FFF1] {
            let whole = table(magic: magic, textStart: 0x400000)
            for count in 0..<whole.count { _ = read(GoNameTable(Array(whole[..<count]), text: nil), whole) }
            for _ in 0..<20_000 {
                var bytes = whole
                for _ in 0...random.next(below: 3) {
                    if random.next(below: 2) == 0 {
                        bytes.store(random.extreme(), at: 8 * random.next(below: bytes.count / 8))
                    } else {
                        bytes[4 + random.next(below: bytes.count - 4)] = UInt8(random.next(below: 256))
                    }
                }
                guard let table = GoNameTable(bytes, text: nil) else { continue }
                #expect(table.count <= bytes.count / 8 && table.names.upperBound <= bytes.count, "seed \(seed)")
                #expect(read(table, bytes).count <= table.count, "seed \(seed)")
            }
        }
    }
}
