import ByteAccess
import ELFImages
import PerfRecords
@testable import Symbolication
import TestSupport
import Testing
@testable import Unwinding

/// A libc without call frame information, as Debian builds musl: its functions are covered by nothing.
@Suite struct MuslTests {
    private static let source = """
        int vfork(void); void _exit(int); int g;
        __attribute__((noinline)) void spawner(void) { if (!vfork()) _exit(0); g++; }
        int main(void) { spawner(); g++; return 0; }
        """

    /// musl's vfork takes its return address into rdx. From there the program's own frames lead to `main` and into musl, whose frame
    /// nothing describes: what is above it, up to the arguments, is the return address into the entry point.
    @Test func vforkLeadsToTheProgram() throws {
        try Compiler.withDirectory { directory in
            let path = directory + "/program"
            try Compiler.write(Array(Self.source.utf8), to: directory + "/source.c")
            try Compiler.run(["musl-gcc", "-static", "-no-pie", "-O1", "-o", path, directory + "/source.c"])
            let file = try ELFFile(path: path)
            let sections = UnwindSections(file.unwindSections())
            let image = UnwindImage(architecture: .x86_64, sections: sections, name: path)
            let table = SymbolTable(try ELFImage(path: path), view: .best) { _ in nil }
            func function(_ name: String) throws -> Range<UInt64> {
                let index = try #require(
                    (0..<table.count).first { String(decoding: table.name(at: $0), as: UTF8.self) == name })
                let range = try #require(table.range(at: index))
                let start = try #require(file.layout.virtualAddress(ofFileOffset: range.lowerBound))
                return start..<start + UInt64(range.count)
            }
            /// Where a call in one function of another returns to, and the size of the caller's frame there.
            func returnAddress(in caller: String, of callee: UInt64) throws -> (address: UInt64, frame: Int) {
                let address = try #require(
                    try function(caller).first { image.call(before: $0)?.target == callee })
                let rule = image.rule(at: address, isReturnAddress: true)
                try #require(rule.kind == .common && rule.frameRegister == 7)
                return (address, Int(rule.frameOffset))
            }
            let vfork = try function("vfork")
            let spawner = try returnAddress(in: "spawner", of: vfork.lowerBound)
            let main = try returnAddress(in: "main", of: try function("spawner").lowerBound)
            let entry = try function("libc_start_main_stage2")
            let after = try #require(entry.first { image.call(before: $0)?.isIndirect == true })
            #expect(image.rule(at: vfork.lowerBound + 8, isReturnAddress: false).kind == .uncovered)

            let start = try function("_start")
            let first = try #require(start.first { image.call(before: $0)?.target != nil })
            var stack = [UInt64](repeating: 0, count: (spawner.frame + main.frame) / 8)
            stack[spawner.frame / 8 - 1] = main.address
            stack[stack.count - 1] = after
            stack += [0, 5, first]
            stack += HandmadeProcess.arguments(at: HandmadeProcess.place(ofWord: stack.count))
            var registers = RegisterFile(.x86_64)
            registers.instructionPointer = vfork.lowerBound + 8
            registers.stackPointer = HandmadeProcess.stackPointer
            registers.framePointer = 0
            registers[dwarf: 1] = spawner.address
            let executable = file.layout.segments.filter(\.isExecutable)
            let code = CodeMap(
                executable.map {
                    .init(
                        start: $0.virtualAddress, end: $0.virtualAddress + $0.fileSize,
                        bias: $0.fileOffset &- $0.virtualAddress, image: 0)
                })
            var unwinder = Unwinder(architecture: .x86_64) { _ in image }
            var frames: [UnwoundFrame] = []
            var record: [UInt8] = []
            for word in stack { record.store(word) }
            let end = record.withUnsafeBytes {
                unwinder.unwind(registers, stack: 0..<record.count, in: $0.bytes, code: code, into: &frames)
            }
            #expect(frames.map(\.address) == [vfork.lowerBound + 8, spawner.address, main.address, after, first])
            #expect(end == .outermost)
        }
    }
}
