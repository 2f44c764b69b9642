import ByteAccess
import CPerfEvent
import Glibc
import LinuxSystem
import PerfRecords

/// The joined recorder's programs, loaded and attached; what they find goes into one ring. They see every process of
/// the machine and follow those that `follow` names, with all that these create.
final class JoinedPrograms {
    let maps: JoinedMaps
    /// Whether this kernel has the iterators by which mappings and paths are told.
    let hasIterators: Bool
    private var programs: [(section: String, number: Int32)] = []

    /// The tracepoints of system calls that a program is attached to.
    private static let calls: [String: [String]] = [
        "tracepoint/enter": ["clone", "execveat", "waitid"].map { "sys_enter_" + $0 },
        "tracepoint/enter_execve": ["sys_enter_execve"],
        "tracepoint/enter_creation": ["clone3", "fork", "vfork"].map { "sys_enter_" + $0 },
        "tracepoint/exit": ["clone", "clone3", "fork", "vfork", "execve", "execveat", "wait4", "waitid"].map {
            "sys_exit_" + $0
        },
    ]
    /// arm64 has no such calls.
    private static let missingOnSome: Set<String> = [
        "sys_enter_fork", "sys_exit_fork", "sys_enter_vfork", "sys_exit_vfork",
    ]
    private var attached = DetachedDescriptors()

    /// Raw tracepoints, whose programs get the kernel's own structs.
    static let tracepoints = [
        "task_newtask", "sched_process_exec", "sched_process_exit", "signal_generate", "sched_process_wait",
        "io_uring_create",
    ]

    /// - Parameters:
    ///   - object: joined.bpf.o.
    ///   - group: a descriptor of the control group that is recorded.
    ///   - isNested: whether this process has a pid namespace of its own.
    ///   - id: the number of a tracepoint, `nil` if the kernel lacks it.
    ///   - adjust: sets what is not the kernel's in the configuration.
    init(
        object: [UInt8], ringSize: Int, group: Int32?, isNested: Bool, id: (TracepointName) -> UInt64?,
        adjust: (inout JoinedLayout) -> Void
    ) throws(BPFProgramError) {
        guard let object = unsafe BPFObject(object.span.bytes, values: ["config", "counts"]) else { throw .object }
        guard var file = KernelTypesFile() else { throw .types }
        file.readAll()
        let names = JoinedLayout.names(tracepoints: Self.tracepoints)
        var words: JoinedLayout?
        var refusal: BPFProgramError?
        let found = file.withBytes { bytes -> KernelTypes? in
            guard var types = KernelTypes(bytes, names: names) else { return nil }
            do throws(BPFProgramError) {
                words = try JoinedLayout(&types, in: bytes, isNested: isNested)
            } catch {
                refusal = error
            }
            return types
        }
        if let refusal { throw refusal }
        guard let types = found, var words else { throw .types }
        // Before anything else is tried: it tells best which kernel is needed.
        guard types.id(.function, JoinedLayout.neededFunction) != nil else {
            throw .function(JoinedLayout.neededFunction)
        }
        adjust(&words)
        hasIterators = JoinedLayout.functions.allSatisfy { types.id(.function, $0) != nil }
        words[.tellsFiles] = hasIterators ? 1 : 0
        if !hasIterators { words[.tellsMappings] = 0 }
        let ownTypes = try JoinedTypes()
        maps = try JoinedMaps(
            ringSize: ringSize, cpus: UInt32(clamping: max(1, sysconf(Int32(_SC_NPROCESSORS_CONF)))),
            stackSize: UInt32(clamping: words[.stackLimit]), group: group, types: ownTypes.descriptor,
            configuration: words.bytes)
        for program in object.programs {
            programs.append((program.section, try Self.load(program, maps, types, ownTypes)))
        }
        for program in programs { try attach(program.number, program.section, id) }
    }

    deinit { for program in programs { _ = close(program.number) } }

    private static func load(
        _ program: BPFObject.Program, _ maps: borrowing JoinedMaps, _ types: KernelTypes,
        _ ownTypes: borrowing JoinedTypes
    ) throws(BPFProgramError) -> Int32 {
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
        var attachType: UInt32 = 0
        if let name = rawTracepoint(program.section) {
            guard let id = types.id(.alias, "btf_trace_" + name) else {
                throw .tracepoint(TracepointName("raw", name))
            }
            attachType = UInt32(clamping: id)
        }
        let count = UInt32(clamping: code.count / 8)
        let functions = JoinedTypes.information(program.functions)
        let kind =
            program.section == sampled ? CPERF_ON_CLOCK : attachType > 0 ? CPERF_ON_RAW_TRACEPOINT : CPERF_ON_TRACEPOINT
        return try JoinedMaps.accepted(
            unsafe cperf_bpf_load_program(
                kind, code, count, attachType, ownTypes.descriptor.number, functions,
                UInt32(clamping: program.functions.count)))
    }

    private static func rawTracepoint(_ section: String) -> String? {
        section.hasPrefix("tp_btf/") ? String(section.dropFirst(7)) : nil
    }

    /// A program belongs to its tracepoints, not to a CPU or a process.
    private func attach(
        _ number: Int32, _ section: String, _ id: (TracepointName) -> UInt64?
    ) throws(BPFProgramError) {
        guard Self.rawTracepoint(section) == nil else {
            attached.append(try JoinedMaps.accepted(cperf_bpf_attach_raw(number)))
            return
        }
        for call in Self.calls[section] ?? [] {
            let name = TracepointName("syscalls", call)
            guard let id = id(name) else {
                if Self.missingOnSome.contains(call) { continue }
                throw .tracepoint(name)
            }
            let carrier = try JoinedMaps.accepted(cperf_event_open_carrier(id))
            attached.append(carrier)
            _ = try JoinedMaps.accepted(cperf_event_set_bpf(carrier, number))
        }
    }

    private static let sampled = "perf_event/sampled"

    /// Limits a clock event, which is ours alone, to the workload.
    func limit(event: Int32) {
        guard let program = programs.first(where: { $0.section == Self.sampled }) else { return }
        // Without it there are more samples, which readers leave out.
        _ = Privileges.raised(.opening) { cperf_event_set_bpf(event, program.number) }
    }

    /// Calls for which the kernel skipped a program.
    var misses: UInt64 { programs.reduce(0) { $0.addingSaturating(cperf_bpf_misses($1.number)) } }
}
