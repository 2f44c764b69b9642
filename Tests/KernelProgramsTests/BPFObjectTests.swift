import ByteAccess
@testable import KernelPrograms
import TestSupport
import Testing

/// The joined recorder's compiled programs, as they are linked.
@Suite struct BPFObjectTests {
    private static func object(_ bytes: [UInt8]) -> BPFObject? {
        let span = bytes.span.bytes
        return BPFObject(span, values: ["config", "counts"])
    }

    @Test func everyProgramAndWhatItRefersTo() throws {
        let object = try #require(Self.object(PackageResources.joined_bpf_o))
        let raw = Set(object.programs.map(\.section).filter { $0.hasPrefix("tp_btf/") }.map { String($0.dropFirst(7)) })
        #expect(raw == Set(JoinedPrograms.tracepoints))
        var functions: Set<String> = []
        for program in object.programs {
            let count = program.instructions.count / 8
            #expect(program.instructions.count % 8 == 0 && count > 8)
            // BPF_EXIT ends the last function, or BPF_JA to one before it.
            #expect([0x95, 0x05].contains(program.instructions[program.instructions.count - 8]))
            for hole in program.holes {
                let code = program.instructions[hole.instruction * 8]
                switch hole.reference {
                case .map:
                    #expect(["lineage", "ring", "scratch", "stacks", "files", "groups"].contains(hole.name))
                    #expect(code == 0x18)
                case .value: #expect(["config", "counts"].contains(hole.name) && code == 0x18)
                case .function:
                    functions.insert(hole.name)
                    #expect(code == 0x85)
                }
            }
            // A call of another function of the object leads to an instruction of the program.
            for index in 0..<count where program.instructions[index * 8] == 0x85 {
                let registers = program.instructions[index * 8 + 1]
                let offset = program.instructions.load(Int32.self, at: index * 8 + 4)
                guard registers >> 4 == 1, let offset, !program.holes.contains(where: { $0.instruction == index })
                else {
                    continue
                }
                #expect(0..<count ~= index + 1 + Int(offset))
            }
        }
        #expect(functions == Set(JoinedLayout.functions))
    }

    /// The configuration's words are those of the C source, in number and order.
    @Test func configurationHasRoomForItsWords() {
        #expect(JoinedLayout.Word.allCases.count <= JoinedLayout.count)
    }

    @Test func piecesAreRefusedOrHarmless() {
        let whole = PackageResources.joined_bpf_o
        for count in stride(from: 0, to: whole.count, by: 611) { _ = Self.object(Array(whole.prefix(count))) }
        var random = Xorshift()
        for _ in 0..<40 {
            var bytes = whole
            for _ in 0..<8 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = Self.object(bytes)
        }
    }
}
