import CPerfEvent
import Glibc
import KernelPrograms
import PerfRecords

/// Offsets of the fields that the recorder's programs read in the running kernel's structs; they differ between
/// kernels.
struct KernelLayout {
    enum Field: String, CaseIterable, Hashable {
        case memory = "task_struct.mm"
        case argumentsStart = "mm_struct.arg_start"
        case argumentsEnd = "mm_struct.arg_end"
        case environmentStart = "mm_struct.env_start"
        case environmentEnd = "mm_struct.env_end"
        case pageTables = "mm_struct.pgtables_bytes"
    }

    /// Counters of resident pages, one per kind: the offset of the first and the distance between two, in bytes.
    struct Counters: Hashable {
        var offset: Int32
        var stride: Int32
    }

    private(set) var offsets: [Field: Int32] = [:]
    /// `nil` if the kernel keeps them in an unknown way.
    var residentPages: Counters?

    /// `nil` if this machine's kernel does not describe its types. `maps`: see `KernelTypesFile`.
    static func ofThisMachine(maps: Bool = true) -> KernelLayout? {
        guard var file = KernelTypesFile(maps: maps) else { return nil }
        let found = file.withBytes { KernelLayout(typeInformation: $0) }
        if let found, found.isComplete { return found }
        guard !file.isComplete else { return found }
        file.readAll()
        return file.withBytes { KernelLayout(typeInformation: $0) }
    }

    private var isComplete: Bool { offsets.count == Field.allCases.count && residentPages != nil }

    /// `nil` if the bytes are not type information.
    init?(typeInformation bytes: borrowing RawSpan) {
        guard var types = TypeInformation(bytes) else { return nil }
        if let task = types.structure("task_struct", in: bytes) { find([.memory], of: task, &types, bytes) }
        guard let memory = types.structure("mm_struct", in: bytes) else { return }
        find(Field.allCases.filter { $0 != .memory }, of: memory, &types, bytes)
        residentPages = Self.residentPages(of: memory, &types, bytes)
    }

    /// Finds the offsets of fields, which must be eight bytes long: a pointer, an address or a counter.
    private mutating func find(
        _ fields: [Field], of structure: Int, _ types: inout TypeInformation, _ bytes: borrowing RawSpan
    ) {
        for field in fields {
            let name = field.rawValue.drop { $0 != "." }.dropFirst()
            guard let member = types.member(String(name), of: structure, in: bytes),
                types.size(of: member.type, in: bytes) == 8
            else { continue }
            offsets[field] = Self.plausible(member.offset)
        }
    }

    /// `rss_stat` is `struct percpu_counter[]` from kernel 6.2 on, and before that a struct with an array of atomics.
    private static func residentPages(
        of memory: Int, _ types: inout TypeInformation, _ bytes: borrowing RawSpan
    ) -> Counters? {
        guard let all = types.member("rss_stat", of: memory, in: bytes) else { return nil }
        var offset = all.offset
        let stride: Int?
        if let counter = types.element(of: all.type, in: bytes) {
            guard let count = types.member("count", of: counter.type, in: bytes), counter.count >= kinds,
                types.size(of: count.type, in: bytes) == 8
            else { return nil }
            offset += count.offset
            stride = types.size(of: counter.type, in: bytes)
        } else {
            guard let count = types.member("count", of: all.type, in: bytes),
                let atomic = types.element(of: count.type, in: bytes), atomic.count >= kinds
            else { return nil }
            offset += count.offset
            stride = types.size(of: atomic.type, in: bytes)
        }
        guard let first = plausible(offset), let stride, 8...4096 ~= stride else { return nil }
        return Counters(offset: first, stride: Int32(stride))
    }

    /// MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, MM_SHMEMPAGES (linux/mm_types_task.h).
    private static let kinds = 4

    /// `nil` for an implausible offset: no struct of the kernel is as large as 1 MiB.
    private static func plausible(_ offset: Int) -> Int32? { 0..<1 << 20 ~= offset ? Int32(offset) : nil }

    /// The offsets as the programs take them; unknown ones are negative. `cloneFlags`: the offset of clone_flags in the
    /// record of `task:task_newtask`.
    func asPrograms(cloneFlags: Int?) -> cperf_offsets {
        func offset(_ field: Field) -> Int32 { offsets[field] ?? -1 }
        return cperf_offsets(
            mm: offset(.memory), arg_start: offset(.argumentsStart), arg_end: offset(.argumentsEnd),
            env_start: offset(.environmentStart), env_end: offset(.environmentEnd), pgtables_bytes: offset(.pageTables),
            resident: residentPages?.offset ?? -1, resident_stride: residentPages?.stride ?? 0,
            page_size: Int32(clamping: sysconf(Int32(_SC_PAGESIZE))), clone_flags: Int32(clamping: cloneFlags ?? -1))
    }
}
