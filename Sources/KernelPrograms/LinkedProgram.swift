import ByteAccess
import CPerfEvent
import LinuxSystem
import PerfRecords

/// A program of the joined recorder with this kernel's numbers in it, as it is handed to the kernel.
struct LinkedProgram: Sendable {
    let section: String
    private let kind: cperf_bpf_kind
    private let code: [UInt8]
    /// The type of the tracepoint whose arguments it gets; 0 if it is none of those.
    private let attachType: UInt32
    private let ownTypes: Int32
    private let functions: [UInt8]
    private let functionCount: UInt32

    /// The section of the program that limits a clock event.
    static let sampled = "perf_event/sampled"

    /// Eight bytes an instruction.
    var instructionCount: Int { code.count / 8 }

    /// `ownTypes` and the maps stay the caller's, and open until the program is loaded.
    init(
        _ program: BPFObject.Program, _ maps: borrowing JoinedMaps, _ types: KernelTypes,
        _ ownTypes: borrowing JoinedTypes
    ) throws(BPFProgramError) {
        section = program.section
        code = try Self.filled(program, maps, types)
        var type = 0
        if let name = Self.rawTracepoint(program.section) {
            guard let id = types.id(.alias, "btf_trace_" + name) else {
                throw .tracepoint(TracepointName("raw", name))
            }
            type = id
        }
        attachType = UInt32(clamping: type)
        kind = section == Self.sampled ? CPERF_ON_CLOCK : type > 0 ? CPERF_ON_RAW_TRACEPOINT : CPERF_ON_TRACEPOINT
        self.ownTypes = ownTypes.descriptor.number
        functions = JoinedTypes.information(program.functions)
        functionCount = UInt32(clamping: program.functions.count)
    }

    private static func filled(
        _ program: BPFObject.Program, _ maps: borrowing JoinedMaps, _ types: KernelTypes
    ) throws(BPFProgramError) -> [UInt8] {
        var code = program.instructions
        for hole in program.holes {
            let start = hole.instruction * 8
            guard let registers = code.load(UInt8.self, at: start + 1) else { throw .object }
            switch hole.reference {
            // BPF_PSEUDO_MAP_FD and BPF_PSEUDO_MAP_VALUE.
            case .map, .value:
                guard let number = maps.number(hole.name) else { throw .object }
                code.store(registers & 0xf | (hole.reference == .map ? 1 : 2) << 4, at: start + 1)
                code.store(number, at: start + 4)
            // BPF_PSEUDO_KFUNC_CALL.
            case .function:
                guard let id = types.id(.function, hole.name) else {
                    // By the configuration it is never called; r0 = 0 in its place (BPF_ALU64 | BPF_MOV | BPF_K).
                    code.store(UInt64(0xb7), at: start)
                    continue
                }
                code.store(registers & 0xf | 2 << 4, at: start + 1)
                code.store(Int32(truncatingIfNeeded: id), at: start + 4)
            }
        }
        return code
    }

    /// The raw tracepoint that a section's program is for; `nil` for the others.
    static func rawTracepoint(_ section: String) -> String? {
        section.hasPrefix("tp_btf/") ? String(section.dropFirst(7)) : nil
    }

    /// Returns the program's descriptor, which is the caller's to close.
    func load() throws(BPFProgramError) -> Int32 {
        try JoinedMaps.accepted(
            unsafe cperf_bpf_load_program(
                kind, code, UInt32(clamping: instructionCount), attachType, ownTypes, functions, functionCount))
    }
}
