import ELFImages
import TestSupport
import Testing

@testable import Symbolication

/// Text and notes of the kernel and of JIT compilers, with bytes changed: whatever comes of it lies within.
@Suite struct HostileTextTests {
    private let seed = RandomSeed.ofThisRun

    /// `good` with some bytes replaced, taken out or put in.
    private func damaged(_ good: [UInt8], _ random: inout Xorshift) -> [UInt8] {
        var bytes = good
        let telling = Array("0x[]\t\n \u{0}$TWdfF9".utf8) + [0xff, 0x80]
        for _ in 0..<1 + random.next(below: 6) where !bytes.isEmpty {
            let index = random.next(below: bytes.count)
            switch random.next(below: 4) {
            case 0: bytes.remove(at: index)
            case 1: bytes.insert(telling[random.next(below: telling.count)], at: index)
            case 2: bytes[index] = UInt8(random.next(below: 256))
            default: bytes[index] = telling[random.next(below: telling.count)]
            }
        }
        if random.next(below: 10) == 0 { bytes.removeLast(random.next(below: bytes.count + 1)) }
        return bytes
    }

    private func check(_ list: SymbolList, of bytes: [UInt8]) {
        // A line is no shorter than `0 T a`, and no name longer than the text.
        #expect(list.symbols.count <= bytes.count / 4 + 1, "seed \(seed)")
        for symbol in list.symbols {
            let name = list.name(symbol.name)
            #expect(!name.isEmpty && name.endIndex <= bytes.count && !name.contains(0x0a), "seed \(seed)")
        }
    }

    /// Code that the kernel makes and takes back has other addresses, or is gone, when a recording is read.
    @Test func passingCodeOfTheKernelHasNoName() {
        let text = """
            ffffffff81000000 T _stext
            ffffffffc0001000 t bpf_prog_6deef7357e7b4530_created\t[bpf]
            ffffffffc0002000 t ftrace_trampoline\t[__builtin__ftrace]
            ffffffffc0003000 t nf_hook\t[nf_tables]
            ffffffffc0004000 t odd\t[bpf
            """
        let (list, _) = SymbolLines.kallsyms(Array(text.utf8))
        #expect(list.symbols.map(\.start) == [0xffff_ffff_8100_0000, 0xffff_ffff_c000_3000, 0xffff_ffff_c000_4000])
    }

    @Test func kernelSymbols() {
        let good = Array(
            """
            ffffffff81000000 T _stext
            ffffffff81000100 t do_work
            ffffffff81000200 W weak_one
            ffffffffc0000000 t mac_start\t[mac80211]
            0 T
            """.utf8)
        #expect(SymbolLines.kallsyms(good, anchor: "_stext").anchor == 0xffff_ffff_8100_0000)
        var random = Xorshift(seed: seed)
        for _ in 0..<5000 {
            let bytes = damaged(good, &random)
            let (list, _) = SymbolLines.kallsyms(bytes, anchor: "_stext")
            check(list, of: bytes)
            let table = SymbolTable(kallsyms: list)
            #expect(table.count <= list.symbols.count)
        }
    }

    @Test func maps() {
        let good = Array(
            "7f0000001000 20 LazyCompile:~run /a b.js:1:1\n0x7f0000002000 0x10 stub\n7f0000001010 8 inner\n".utf8)
        #expect(SymbolLines.jitMap(good).symbols.symbols.count == 3)
        var random = Xorshift(seed: seed)
        for _ in 0..<5000 {
            let bytes = damaged(good, &random)
            let list = SymbolLines.jitMap(bytes).symbols
            check(list, of: bytes)
            for view in [SymbolView.perf, .best] {
                let table = SymbolTable(jitMap: list, view: view)
                for index in 0..<table.count { #expect(table.range(at: index)?.isEmpty == false, "seed \(seed)") }
            }
        }
    }

    @Test func notes() {
        let note: [UInt8] = [4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4E, 0x55, 0, 0xAA, 0xBB, 0xCC, 0xDD]
        let good: [UInt8] = [4, 0, 0, 0, 6, 0, 0, 0, 0, 1, 0, 0, 0x4C, 0x69, 0x6E, 0, 1, 2, 3, 4, 5, 6, 0, 0] + note
        #expect(BuildIDs.inNotes(good) == [0xAA, 0xBB, 0xCC, 0xDD])
        var random = Xorshift(seed: seed)
        for _ in 0..<20_000 {
            let bytes = damaged(good, &random)
            #expect(BuildIDs.inNotes(bytes)?.count ?? 0 <= bytes.count, "seed \(seed)")
        }
        let lying: [UInt8] = [255, 255, 255, 255, 255, 255, 255, 255, 3, 0, 0, 0] + [UInt8](repeating: 0, count: 64)
        #expect(BuildIDs.inNotes(lying) == nil)
    }
}
