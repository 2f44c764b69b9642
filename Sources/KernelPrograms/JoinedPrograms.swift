import ByteAccess
import CPerfEvent
import Glibc
import LinuxSystem
package import PerfRecords

/// The joined recorder's programs (joined.bpf.o), loaded and attached; what they find goes into one ring. They see every process of
/// the machine and follow those that `follow` names, with all that these create.
package final class JoinedPrograms: JoinedKernel {
    private let maps: JoinedMaps
    /// Whether this kernel has the iterators by which mappings and paths are told.
    package let hasIterators: Bool
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
        "io_uring_create", "cgroup_mkdir",
    ]
    /// What not every kernel has.
    static let optionalTracepoints: Set<String> = ["cgroup_mkdir"]

    /// - Parameters:
    ///   - ringSize: in bytes, a power of two.
    ///   - group: a descriptor of the control group that is recorded.
    ///   - isNested: whether this process has a pid namespace of its own.
    ///   - id: the number of a tracepoint, `nil` if the kernel lacks it.
    ///   - adjust: sets what is not the kernel's in the configuration.
    package init(
        ringSize: Int, group: Int32?, isNested: Bool, id: (TracepointName) -> UInt64?,
        adjust: (inout JoinedLayout) -> Void
    ) throws(BPFProgramError) {
        // Its memory is cleared while the kernel's types are read.
        let ring = Privileges.raised(.opening) {
            ThreadedResult { Result { () throws(BPFProgramError) in try JoinedMaps.ring(size: ringSize) } }
        }
        let found = Result { () throws(BPFProgramError) in try Self.layout(isNested: isNested) }
        let made = ring.value
        let ringMap = OwnedDescriptor((try? made.get()) ?? -1)
        // Before anything else is told: it tells best which kernel is needed.
        var (types, words) = try found.get()
        _ = try made.get()
        let bytes = PackageResources.joined_bpf_o
        guard let object = unsafe BPFObject(bytes.span.bytes, values: ["config", "counts"]) else { throw .object }
        adjust(&words)
        if words[.owner] >= 0, let unknown = words.missingOfOwner {
            throw .field(unknown.rawValue)
        }
        hasIterators = JoinedLayout.functions.allSatisfy { types.id(.function, $0) != nil }
        words[.tellsFiles] = hasIterators ? 1 : 0
        if !hasIterators { words[.tellsMappings] = 0 }
        let ownTypes = try JoinedTypes()
        maps = try JoinedMaps(
            ring: ringMap, cpus: UInt32(clamping: max(1, sysconf(Int32(_SC_NPROCESSORS_CONF)))),
            stackSize: UInt32(clamping: words[.stackLimit]), group: group, types: ownTypes.descriptor,
            configuration: words.bytes)
        let wanted = object.programs.filter { program in
            guard let name = LinkedProgram.rawTracepoint(program.section) else { return true }
            return !Self.optionalTracepoints.contains(name) || types.id(.alias, "btf_trace_" + name) != nil
        }
        let linked = try wanted.map { program throws(BPFProgramError) in
            try LinkedProgram(program, maps, types, ownTypes)
        }
        try load(linked)
        for program in programs { try attach(program.number, program.section, id) }
    }

    deinit { for program in programs { _ = close(program.number) } }

    /// Where this kernel has what the programs read.
    private static func layout(
        isNested: Bool
    ) throws(BPFProgramError) -> (types: KernelTypes, words: JoinedLayout) {
        guard var file = KernelTypesFile() else { throw .types }
        file.readAll()
        let names = JoinedLayout.names(tracepoints: tracepoints)
        let found = file.withBytes { bytes -> Result<(KernelTypes, JoinedLayout), BPFProgramError> in
            guard var types = KernelTypes(bytes, names: names) else { return .failure(.types) }
            let words = Result { () throws(BPFProgramError) in
                try JoinedLayout(&types, in: bytes, isNested: isNested)
            }
            return words.map { (types, $0) }
        }
        let (types, words) = try found.get()
        guard types.id(.function, JoinedLayout.neededFunction) != nil else {
            throw .function(JoinedLayout.neededFunction)
        }
        return (types, words)
    }

    /// Loads them all. The kernel looks at one program for as long as at all others together, so at that one on a thread
    /// of its own.
    private func load(_ linked: [LinkedProgram]) throws(BPFProgramError) {
        let longest = linked.indices.max { linked[$0].instructionCount < linked[$1].instructionCount }
        // The thread begins with the capabilities that are effective in this one.
        let failure = Privileges.raised(.opening) { () -> BPFProgramError? in
            let beside = longest.map { index in
                ThreadedResult { () -> Result<Int32, BPFProgramError> in
                    Result { () throws(BPFProgramError) in try linked[index].load() }
                }
            }
            var failure: BPFProgramError?
            for (index, program) in linked.enumerated() where index != longest && failure == nil {
                do throws(BPFProgramError) {
                    programs.append((program.section, try program.load()))
                } catch {
                    failure = error
                }
            }
            guard let longest, let beside else { return failure }
            switch beside.value {
            case .success(let number): programs.append((linked[longest].section, number))
            case .failure(let error): failure = failure ?? error
            }
            return failure
        }
        if let failure { throw failure }
    }

    /// A program belongs to its tracepoints, not to a CPU or a process.
    private func attach(
        _ number: Int32, _ section: String, _ id: (TracepointName) -> UInt64?
    ) throws(BPFProgramError) {
        guard LinkedProgram.rawTracepoint(section) == nil else {
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

    package func limit(event: Int32) {
        guard let program = programs.first(where: { $0.section == LinkedProgram.sampled }) else { return }
        // Without it there are more samples, which readers leave out.
        _ = Privileges.raised(.opening) { cperf_event_set_bpf(event, program.number) }
    }

    /// How many kinds of records there can be.
    package static let kinds = JoinedMaps.kinds

    package var ring: Int32 { maps.ring.number }

    package func follow(pidfd: Int32) throws(BPFProgramError) { try maps.follow(pidfd: pidfd) }

    package func enable() throws(BPFProgramError) { try maps.enable() }

    package func firstRun(pidfd: Int32) -> UInt64? { maps.firstRun(pidfd: pidfd) }

    package var losses: (lost: [UInt64], missed: UInt64) {
        (maps.lost, programs.reduce(0) { $0.addingSaturating(cperf_bpf_misses($1.number)) })
    }
}
