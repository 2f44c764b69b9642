import ByteAccess
@testable import Capture
@testable import KernelPrograms
import PerfRecords
import TestSupport
import Testing

/// Type information laid out by hand, hostile bytes, and this machine's.
@Suite struct TypeInformationTests {
    /// Types as linux/btf.h has them, numbered from 1.
    private struct Builder {
        var types: [UInt8] = []
        var strings: [UInt8] = [0]
        private(set) var count = 0

        private mutating func name(_ text: String) -> UInt32 {
            guard !text.isEmpty else { return 0 }
            strings += Array(text.utf8) + [0]
            return UInt32(strings.count - text.utf8.count - 1)
        }

        @discardableResult
        mutating func add(
            _ kind: UInt32, _ text: String, count: UInt32 = 0, flag: UInt32 = 0, _ last: UInt32,
            _ rest: [UInt32] = []
        ) -> UInt32 {
            for word in [name(text), flag << 31 | kind << 24 | count, last] + rest { types.store(word) }
            self.count += 1
            return UInt32(self.count)
        }

        /// Members by name, type and the offset in bytes.
        @discardableResult
        mutating func structure(
            _ text: String, size: UInt32, _ members: [(String, UInt32, UInt32)], kind: UInt32 = 4, flag: UInt32 = 0
        ) -> UInt32 {
            let words = members.flatMap { [name($0.0), $0.1, $0.2 * 8] }
            return add(kind, text, count: UInt32(members.count), flag: flag, size, words)
        }

        var bytes: [UInt8] {
            var bytes: [UInt8] = []
            bytes.store(UInt16(0xeb9f))
            bytes += [1, 0]
            let (typeLength, stringLength) = (UInt32(types.count), UInt32(strings.count))
            for word in [24, 0, typeLength, typeLength, stringLength] { bytes.store(word) }
            return bytes + types + strings
        }
    }

    /// A kernel's: `mm_struct` has its fields in a nameless struct, as they do. `percpu`: as 6.2 and later count pages.
    private func kernel(percpu: Bool = true, leavingOut: String = "") -> Builder {
        var types = Builder()
        let long = types.add(1, "long unsigned int", 8, [64])
        // What is walked over: a function with its parameters, an enumeration, a variable, sections and tags.
        let prototype = types.add(13, "", count: 2, 0, [0, long, 0, long])
        types.add(12, "exit_mmap", prototype)
        types.add(6, "kind", count: 1, 4, [0, 7])
        types.add(19, "wide", count: 1, 8, [0, 7, 0])
        types.add(14, "jiffies", long, [1])
        types.add(15, ".data", count: 1, 8, [6, 0, 8])
        types.add(17, "tag", 1, [0])
        types.add(7, "mm_struct", 0)
        let counter = types.structure("", size: 8, [("counter", long, 0)])
        let atomic = types.add(8, "atomic64_t", counter)
        let atomicLong = types.add(8, "atomic_long_t", types.add(9, "", atomic))
        let pages: UInt32
        if percpu {
            let one = types.structure("percpu_counter", size: 40, [("lock", long, 0), ("count", long, 8)])
            pages = types.add(3, "", 0, [one, long, 4])
        } else {
            let array = types.add(3, "", 0, [atomicLong, long, 4])
            pages = types.structure("mm_rss_stat", size: 32, [("count", array, 0)])
        }
        let union = types.structure("", size: 16, [("arg_start", long, 0), ("arg_end", long, 8)], kind: 5)
        let fields: [(String, UInt32, UInt32)] = [
            ("", union, 400), ("env_start", long, 416), ("env_end", long, 424), ("pgtables_bytes", atomicLong, 80),
            ("rss_stat", pages, 500),
        ]
        let inner = types.structure("", size: 900, fields.filter { $0.0 != leavingOut || $0.0.isEmpty })
        let mm = types.structure("mm_struct", size: 1024, [("", inner, 64), ("cpu_bitmap", long, 1000)])
        types.structure("task_struct", size: 3000, [("flags", long, 8), ("mm", types.add(2, "", mm), 1200)], flag: 1)
        return types
    }

    private func layout(_ bytes: [UInt8]) -> KernelLayout? { KernelLayout(typeInformation: bytes.span.bytes) }

    @Test(arguments: [true, false])
    func fieldsAreFoundInNamelessStructs(percpu: Bool) throws {
        let found = try #require(layout(kernel(percpu: percpu).bytes))
        #expect(
            found.offsets == [
                .memory: 1200, .argumentsStart: 464, .argumentsEnd: 472, .environmentStart: 480, .environmentEnd: 488,
                .pageTables: 144,
            ])
        let counters = KernelLayout.Counters(offset: percpu ? 572 : 564, stride: percpu ? 40 : 8)
        #expect(found.residentPages == counters)
    }

    @Test func whatIsNotThereIsNotFound() throws {
        #expect(try #require(layout(kernel(leavingOut: "env_end").bytes)).offsets[.environmentEnd] == nil)
        #expect(try #require(layout(kernel(leavingOut: "rss_stat").bytes)).residentPages == nil)
        var other = Builder()
        let int = other.add(1, "int", 4, [32])
        // Of another size, and a bit field.
        let bits = UInt32(8 << 24 | 64) / 8
        other.structure("mm_struct", size: 64, [("arg_start", int, 8)])
        other.structure("task_struct", size: 64, [("mm", int, bits)], flag: 1)
        #expect(try #require(layout(other.bytes)).offsets.isEmpty)
        for text in ["", "x", "not type information at all, and some more"] { #expect(layout(Array(text.utf8)) == nil) }
    }

    /// Names are of a kind: there is a forward declaration, a function or an alias of the same name, too.
    @Test func namesAreFoundInOnePass() throws {
        var builder = kernel()
        let long: UInt32 = 1
        let prototype = builder.add(13, "", count: 3, 0, [0, long, 0, long, 0, long])
        let pointer = builder.add(2, "", prototype)
        let alias = builder.add(8, "btf_trace_task_newtask", pointer)
        let function = builder.add(12, "bpf_iter_num_new", prototype)
        builder.add(8, "bpf_iter_num_new", pointer)
        let bytes = builder.bytes
        let span = bytes.span.bytes
        let names: [KernelTypes.Name] = [
            .init(.structure, "mm_struct"), .init(.structure, "task_struct"), .init(.alias, "btf_trace_task_newtask"),
            .init(.function, "bpf_iter_num_new"), .init(.function, "bpf_iter_num"), .init(.structure, "missing"),
        ]
        let made = KernelTypes(span, names: names)
        var types = try #require(made)
        #expect(types.id(.alias, "btf_trace_task_newtask") == Int(alias))
        #expect(types.id(.function, "bpf_iter_num_new") == Int(function))
        #expect(types.id(.function, "bpf_iter_num") == nil && types.id(.structure, "missing") == nil)
        #expect(types.place("task_struct.mm", in: span)?.offset == 1200)
        #expect(types.place("mm_struct.env_start", in: span)?.offset == 480)
        #expect(types.place("mm_struct.nothing", in: span) == nil)
        #expect(types.arguments(ofTracepoint: "task_newtask", in: span) == 2)
        #expect(types.arguments(ofTracepoint: "sched_switch", in: span) == nil)
    }

    /// A nameless struct in itself, a type that is its own alias, and one that is not there.
    @Test func loopsEnd() throws {
        var loop = Builder()
        let own = UInt32(1)
        loop.structure("mm_struct", size: 8, (0..<40).map { _ in ("", own, 0) })
        loop.add(8, "alias", 2)
        loop.structure("task_struct", size: 8, [("mm", 2, 0), ("other", 4_000_000_000, 0)])
        #expect(try #require(layout(loop.bytes)).offsets.isEmpty)
    }

    @Test func bytesOfAnybody() {
        let whole = kernel().bytes
        for count in 0..<whole.count {
            guard let cut = layout(Array(whole[..<count])) else { continue }
            #expect(cut.offsets.values.allSatisfy { 0..<1 << 20 ~= $0 })
        }
        for seed in 1...3000 as ClosedRange<UInt64> {
            var random = Xorshift(seed: seed)
            var bytes = whole
            for _ in 0...random.next(below: 8) {
                let place = random.next(below: bytes.count)
                if random.next(below: 2) == 0 {
                    bytes[place] = UInt8(random.next(below: 256))
                } else {
                    bytes.store(UInt32(truncatingIfNeeded: random.extreme()), at: place / 4 * 4)
                }
            }
            let found = layout(bytes)
            #expect(found?.offsets.values.allSatisfy { 0..<1 << 20 ~= $0 } ?? true, "seed \(seed)")
            #expect(found?.residentPages.map { 8...4096 ~= $0.stride } ?? true, "seed \(seed)")
        }
    }

    @Test func thisMachines() throws {
        guard PerfPrivileges.available else { return }
        let found = try #require(KernelLayout.ofThisMachine())
        #expect(found.offsets.count == KernelLayout.Field.allCases.count && found.residentPages != nil)
        #expect(Set(found.offsets.filter { $0.key != .memory }.values).count == KernelLayout.Field.allCases.count - 1)
        #expect(found.offsets.values.allSatisfy { $0 % 8 == 0 })
        // The same where the file cannot be mapped, and from all of its bytes.
        let read = try #require(KernelLayout.ofThisMachine(maps: false))
        #expect(read.offsets == found.offsets && read.residentPages == found.residentPages)
        let whole = try #require(layout(try Compiler.bytes(KernelTypesFile.path)))
        #expect(whole.offsets == found.offsets && whole.residentPages == found.residentPages)
        guard var file = KernelTypesFile(maps: false) else {
            Issue.record("it cannot be read")
            return
        }
        let wasComplete = file.isComplete
        file.readAll()
        let isComplete = file.isComplete
        #expect(!wasComplete && isComplete)
        let content = file.withBytes { $0.bytes(in: 0..<$0.byteCount) }
        #expect(content == (try Compiler.bytes(KernelTypesFile.path)))
    }
}
