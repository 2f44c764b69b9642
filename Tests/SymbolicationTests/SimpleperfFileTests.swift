import ByteAccess
import ELFImages
import PerfRecords
@testable import Symbolication
import TestSupport
import Testing

/// The symbols that simpleperf puts into its recordings, in both forms, laid out by hand.
@Suite struct SimpleperfFileTests {
    struct File {
        var path: String
        var kind: UInt64
        var lowest: UInt64 = 0
        var offset: UInt64?
        var symbols: [(start: UInt64, size: UInt64, name: String)]
    }

    /// The section of files in the first form.
    static func fields(_ files: [File]) -> [UInt8] {
        files.flatMap { file in
            var body = Array(file.path.utf8) + [0]
            body.store(UInt32(file.kind))
            body.store(file.lowest)
            body.store(UInt32(file.symbols.count))
            for symbol in file.symbols {
                body.store(symbol.start)
                body.store(UInt32(symbol.size))
                body += Array(symbol.name.utf8) + [0]
            }
            if file.kind == 3 {
                body.store(UInt32(1))
                body.store(UInt64(0x1000))
            }
            if let offset = file.offset { body.store(offset) }
            return sized(body)
        }
    }

    /// FILE2: a section in protobuf.
    static func protobuf(_ files: [File]) -> [UInt8] {
        files.flatMap { file in
            var body = text(1, Array(file.path.utf8)) + number(2, file.kind) + number(3, file.lowest)
            for symbol in file.symbols {
                body += text(
                    4, number(1, symbol.start) + number(2, symbol.size) + text(3, Array(symbol.name.utf8)))
            }
            if file.kind == 3 { body += text(5, text(1, [0x80, 0x20])) }
            if let offset = file.offset { body += text(file.kind == 1 ? 7 : 6, number(1, offset)) }
            return sized(body)
        }
    }

    private static func sized(_ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(UInt32(body.count))
        return bytes + body
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        value > 127 ? [UInt8(value & 127) | 128] + varint(value >> 7) : [UInt8(value)]
    }

    /// proto3 leaves zeros out.
    private static func number(_ field: UInt64, _ value: UInt64) -> [UInt8] {
        value == 0 ? [] : varint(field << 3) + varint(value)
    }

    private static func text(_ field: UInt64, _ bytes: [UInt8]) -> [UInt8] {
        varint(field << 3 | 2) + varint(UInt64(bytes.count)) + bytes
    }

    enum Form: CaseIterable { case fields, protobuf }

    static func symbolizer(_ files: [File], _ form: Form, style: NameStyle = .best, kallsyms: String? = nil)
        -> Symbolizer
    {
        var settings = SymbolSettings()
        settings.kallsyms = "/nonexistent/kallsyms"
        settings.otherMachine = OtherMachine(host: "an Android device", release: nil)
        settings.takeRecordedNames(
            files: form == .fields ? fields(files) : nil, files2: form == .protobuf ? protobuf(files) : nil,
            kernelSymbols: kallsyms.map { Array($0.utf8) })
        return Symbolizer(style: style, settings: settings)
    }

    private func map(
        _ symbolizer: Symbolizer, _ process: Int32, _ path: String, at start: UInt64, offset: UInt64 = 0,
        size: UInt64 = 0x4000, isCopiedCode: Bool = false
    ) {
        symbolizer.map(
            process: process, start: start, length: size, fileOffset: offset,
            symbolizer.content(path: path, buildID: nil, isExecutable: true, isCopiedCode: isCopiedCode))
    }

    private func map(
        _ symbolizer: Symbolizer, _ path: String, at start: UInt64, offset: UInt64 = 0, size: UInt64 = 0x4000,
        isCopiedCode: Bool = false
    ) {
        map(symbolizer, 5, path, at: start, offset: offset, size: size, isCopiedCode: isCopiedCode)
    }

    private func name(_ symbolizer: Symbolizer, _ process: Int32, _ address: UInt64) -> String {
        symbolizer.name(
            of: symbolizer.frame(process: process, address: address, isKernel: false, isReturnAddress: false))
    }

    private func name(_ symbolizer: Symbolizer, _ address: UInt64, isKernel: Bool = false) -> String {
        symbolizer.name(
            of: symbolizer.frame(process: 5, address: address, isKernel: isKernel, isReturnAddress: false))
    }

    // MARK: - Where a symbol is

    /// The executable segment lies at 0x5000 in memory and at 0x3000 in the file.
    @Test(arguments: Form.allCases)
    func addressesOfAnELFFile(form: Form) {
        let file = File(
            path: "/system/lib64/libx.so", kind: 2, lowest: 0x5000, offset: 0x3000,
            symbols: [
                (0x5100, 0x40, "alpha"), (0x6200, 0x10, "_ZN1a4betaEi"), (0x6210, 4, "__dl_free"), (0x6220, 4, "@plt"),
            ])
        let symbolizer = Self.symbolizer([file], form)
        map(symbolizer, file.path, at: 0x7000_0000, offset: 0x3000, size: 0x1000)
        // Another part of the same segment, mapped elsewhere.
        map(symbolizer, file.path, at: 0x9000_0000, offset: 0x4000, size: 0x1000)
        #expect(name(symbolizer, 0x7000_0100) == "alpha" && name(symbolizer, 0x7000_013f) == "alpha")
        #expect(name(symbolizer, 0x7000_0140) == "[libx.so]" && name(symbolizer, 0x7000_00ff) == "[libx.so]")
        #expect(name(symbolizer, 0x9000_0200) == "a::beta")
        #expect(name(symbolizer, 0x9000_0210) == "[linker]free")
        #expect(name(symbolizer, 0x9000_0220) == "@plt")
    }

    /// An old recorder does not say where in the file the lowest address is: the first executable map begins there.
    @Test(arguments: [0, 0x2000] as [UInt64])
    func anOldRecordersELFFile(offset: UInt64) {
        let file = File(path: "/system/bin/x", kind: 2, lowest: 0x40_0000, symbols: [(0x40_0800, 0x10, "main")])
        let symbolizer = Self.symbolizer([file], .fields)
        map(symbolizer, file.path, at: 0x55_0000, offset: offset)
        map(symbolizer, 6, file.path, at: 0x77_0000, offset: offset)
        #expect(name(symbolizer, 0x55_0804) == "main" && name(symbolizer, 6, 0x77_0804) == "main")
        #expect(name(symbolizer, 0x55_0810) == "[x]")
    }

    /// Java code by its offset in the file; names have parentheses and semicolons.
    @Test(arguments: Form.allCases)
    func javaCode(form: Form) {
        let file = File(
            path: "/data/app/base.vdex", kind: 3,
            symbols: [(0x1100, 0x20, "int[] a.B.c(int;)"), (0x1120, 8, "a.B.<init>")])
        let memory = File(path: "dexfile_in_memory", kind: 3, symbols: [(0x10, 8, "a.M.run")])
        let symbolizer = Self.symbolizer([file, memory], form)
        map(symbolizer, file.path, at: 0x1_0000, offset: 0x1000)
        map(symbolizer, memory.path, at: 0x2_0000)
        #expect(name(symbolizer, 0x1_0110) == "int[] a.B.c(int:)")
        #expect(name(symbolizer, 0x1_0120) == "a.B.<init>")
        #expect(name(symbolizer, 0x2_0014) == "a.M.run")
    }

    /// Compiled as it ran, and copied into a file: the symbols have the addresses of the memory.
    @Test(arguments: Form.allCases)
    func copiedCode(form: Form) {
        let path = "/data/perf.data_jit_app_cache:100-200"
        let file = File(
            path: path, kind: 2, lowest: 0x7000, offset: 0x40, symbols: [(0x6f00_0010, 0x10, "a.B.compiled")])
        let symbolizer = Self.symbolizer([file], form)
        map(symbolizer, path, at: 0x6f00_0000, offset: 100, size: 0x100, isCopiedCode: true)
        #expect(name(symbolizer, 0x6f00_0018) == "a.B.compiled")
        #expect(name(symbolizer, 0x6f00_0020) == "[perf.data_jit_app_cache:100-200]")
    }

    /// Where a process compiled code no map says: the symbols do. What is mapped over it is not it.
    @Test(arguments: Form.allCases)
    func compiledCode(form: Form) {
        let file = File(
            path: "perf-77.map", kind: 4,
            symbols: [(0x1_0010, 0x10, "jit_one"), (0x1_2f00, 0x200, "jit_two"), (0x9_0000, 8, "far")])
        let symbolizer = Self.symbolizer([file], form)
        #expect(name(symbolizer, 77, 0x1_0018) == "jit_one" && name(symbolizer, 77, 0x1_30ff) == "jit_two")
        #expect(name(symbolizer, 77, 0x1_0000) == "[perf-77.map]" && name(symbolizer, 77, 0x9_0001) == "far")
        #expect(name(symbolizer, 77, 0x5_0000) == "[unknown]" && name(symbolizer, 78, 0x1_0018) == "[unknown]")
        map(symbolizer, 77, "/lib/other.so", at: 0x9_0000, size: 0x1000)
        #expect(name(symbolizer, 77, 0x9_0001) == "[other.so]")
        // Memory without a file is where such code lies.
        map(symbolizer, 77, "//anon", at: 0x1_0000, size: 0x8000)
        #expect(name(symbolizer, 77, 0x1_0018) == "jit_one")
        // The recorder keeps a process's maps when it executes another program.
        symbolizer.exec(process: 77)
        map(symbolizer, 77, "/bin/next", at: 0x40_0000)
        #expect(name(symbolizer, 77, 0x1_0018) == "jit_one" && name(symbolizer, 77, 0x40_0000) == "[next]")
        symbolizer.fork(parent: 77, child: 79)
        #expect(name(symbolizer, 79, 0x1_0018) == "jit_one")
        // What a child has of its parent stays.
        map(symbolizer, 80, "/lib/inherited.so", at: 0x1_3000, size: 0x1000)
        symbolizer.fork(parent: 80, child: 77)
        #expect(name(symbolizer, 77, 0x1_3010) == "[inherited.so]" && name(symbolizer, 77, 0x9_0001) == "far")
    }

    @Test(arguments: Form.allCases)
    func theKernelAndItsModules(form: Form) {
        let base: UInt64 = 0xffff_ff80_0800_0000
        let kernel = File(
            path: "[kernel.kallsyms]", kind: 0,
            symbols: [(base + 0x100, 0x20, "do_work"), (base + 0x9000, 8, "of_module")])
        let module = File(
            path: "/vendor/lib/modules/wlan.ko", kind: 1, lowest: 0x30, offset: 0x1000,
            symbols: [(0x40, 0x10, "wlan_send")])
        let symbolizer = Self.symbolizer([kernel, module], form)
        symbolizer.map(
            process: -1, start: 0, length: .max, fileOffset: 0, path: "[kernel.kallsyms]", buildID: nil,
            isExecutable: true)
        symbolizer.map(
            process: -1, start: base + 0x8000, length: 0x4000, fileOffset: 0, path: module.path, buildID: nil,
            isExecutable: true)
        #expect(name(symbolizer, base + 0x110, isKernel: true) == "do_work")
        #expect(name(symbolizer, base + 0x120, isKernel: true) == "[kernel.kallsyms]")
        // 0x1010 behind the module's start.
        #expect(name(symbolizer, base + 0x9010, isKernel: true) == "wlan_send")
        // What the module's own symbols do not name the kernel's may.
        #expect(name(symbolizer, base + 0x9004, isKernel: true) == "of_module")
        #expect(name(symbolizer, base + 0x8000, isKernel: true) == "[wlan]")
    }

    /// A recording with the whole of the machine's kallsyms.
    @Test func aCopyOfKallsyms() {
        let text = "ffffff8008080000 T _text\nffffff8008080100 t do_work\nffffff8009080200 t other\t[mod]\n"
        let symbolizer = Self.symbolizer([], .fields, kallsyms: text)
        symbolizer.map(
            process: -1, start: 0, length: .max, fileOffset: 0, path: "[kernel.kallsyms]", buildID: nil,
            isExecutable: true)
        #expect(name(symbolizer, 0xffff_ff80_0808_0110, isKernel: true) == "do_work")
        #expect(name(symbolizer, 0xffff_ff80_0908_0200, isKernel: true) == "other")
    }

    /// perf does not know of these sections, and its names are those that it prints.
    @Test(arguments: Form.allCases)
    func notForPerfsNames(form: Form) {
        let file = File(path: "/system/bin/x", kind: 2, offset: 0, symbols: [(0x800, 0x10, "main")])
        let symbolizer = Self.symbolizer([file], form, style: .perf)
        map(symbolizer, file.path, at: 0x55_0000)
        #expect(name(symbolizer, 0x55_0804) == "[x]")
    }

    // MARK: - What a stranger writes

    /// Of symbols at one address the last counts, a later one ends an earlier one, whatever their order, and sizes do not wrap.
    @Test(arguments: Form.allCases)
    func overlaps(form: Form) {
        let file = File(
            path: "/x", kind: 3,
            symbols: [
                (0x300, 0xffff_ffff, "long"), (0x100, 0x40, "first"), (0x100, 0x20, "second"), (0x110, 4, "inner"),
                (.max - 1, 0xffff, "end"), (0x200, 0, "nothing"), (0x210, 4, ""),
            ])
        let symbolizer = Self.symbolizer([file], form)
        map(symbolizer, file.path, at: 0x10_0000)
        #expect(name(symbolizer, 0x10_0100) == "second" && name(symbolizer, 0x10_0112) == "inner")
        #expect(name(symbolizer, 0x10_0118) == "[x]" && name(symbolizer, 0x10_0200) == "[x]")
        #expect(name(symbolizer, 0x10_0210) == "[x]" && name(symbolizer, 0x10_3000) == "long")
    }

    /// Names are as long as those of other files.
    @Test(arguments: Form.allCases, [4096, 4097, 100_000])
    func longNames(form: Form, length: Int) {
        let long = String(repeating: "x", count: length)
        let file = File(path: "/x", kind: 3, symbols: [(0x100, 4, long), (0x104, 4, "short")])
        let symbolizer = Self.symbolizer([file], form)
        map(symbolizer, file.path, at: 0x10_0000)
        #expect(name(symbolizer, 0x10_0100) == long.prefix(4096) && name(symbolizer, 0x10_0104) == "short")
        #expect(symbolizer.problems.map(\.reason) == (length > 4096 ? [.limit(.longNames)] : []))
    }

    /// Cut anywhere, what precedes the cut is used, and that something is missing is known.
    @Test(arguments: Form.allCases)
    func cutAnywhere(form: Form) {
        let files = [
            File(path: "/a", kind: 2, offset: 0x10, symbols: [(0x20, 4, "a1"), (0x30, 4, "a2")]),
            File(path: "/b", kind: 3, symbols: [(0x20, 4, "b1")]),
        ]
        let first = form == .fields ? Self.fields([files[0]]) : Self.protobuf([files[0]])
        let whole = form == .fields ? Self.fields(files) : Self.protobuf(files)
        for end in 0...whole.count {
            var read = SimpleperfFiles()
            read.read(Array(whole[..<end]), isProtobuf: form == .protobuf)
            #expect((read.damagedOffset == nil) == (end == 0 || end == first.count || end == whole.count))
            if end >= first.count { #expect(read.file("/a")?.symbols.count == 2) }
            #expect((read.file("/b") == nil) == (end < whole.count))
        }
    }

    /// Counts and sizes that lie about more than is there; a name without an end.
    @Test func lies() {
        var count = Self.fields([File(path: "/a", kind: 2, symbols: [(1, 1, "x")])])
        count.store(UInt32.max, at: 4 + 3 + 4 + 8)
        var dex = Self.fields([File(path: "/a", kind: 3, symbols: [(1, 1, "x")])])
        dex.store(UInt32.max, at: dex.count - 12)
        var size = count
        size.store(UInt32.max, at: 0)
        var name = Self.fields([File(path: "/a", kind: 2, symbols: [(1, 1, "x")])])
        name[name.count - 1] = 0x78
        for bytes in [count, dex, size, name] {
            var read = SimpleperfFiles()
            read.read(bytes, isProtobuf: false)
            #expect(read.damagedOffset == 0)
            #expect((read.file("/a")?.symbols.count ?? 0) <= 1)
        }
        // A length of 2^64 - 1, a group, a varint of eleven bytes.
        let lengths: [[UInt8]] = [
            [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [1], [0x0B],
            [0x10] + [UInt8](repeating: 0x80, count: 10) + [1],
        ]
        for body in lengths {
            var read = SimpleperfFiles()
            read.read(Self.sized(body), isProtobuf: true)
            #expect(read.damagedOffset == 0)
        }
    }

    /// Random changes of what is right: nothing traps, and what is found lies in the table.
    @Test(arguments: Form.allCases, [RandomSeed.ofThisRun])
    func noise(form: Form, seed: UInt64) {
        var random = Xorshift(seed: seed)
        let files = (0..<5).map { kind in
            File(
                path: kind == 4 ? "perf-5.map" : "/f\(kind)", kind: UInt64(kind), lowest: 0x1000,
                offset: kind == 2 ? 0x800 : nil,
                symbols: [(0x1010, 16, "one"), (0x1100, 32, "_ZN1a1bEv")])
        }
        let whole = form == .fields ? Self.fields(files) : Self.protobuf(files)
        for _ in 0..<2000 {
            var bytes = whole
            for _ in 0..<1 + random.next(below: 4) {
                bytes[random.next(below: bytes.count)] = UInt8(truncatingIfNeeded: random.next(below: 256))
            }
            var settings = SymbolSettings()
            settings.kallsyms = "/nonexistent/kallsyms"
            settings.takeRecordedNames(
                files: form == .fields ? bytes : nil, files2: form == .protobuf ? bytes : nil, kernelSymbols: nil)
            let symbolizer = Symbolizer(style: .best, settings: settings)
            for kind in 1..<4 { map(symbolizer, "/f\(kind)", at: UInt64(kind) << 20) }
            for address in [0x1014, 0x10_1014, 0x20_0818, 0x30_1104, .max] as [UInt64] {
                #expect(!name(symbolizer, address).isEmpty)
            }
        }
    }
}
