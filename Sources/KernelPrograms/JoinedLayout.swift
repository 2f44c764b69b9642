import ByteAccess
import CPerfEvent
import Glibc
import PerfRecords

/// The configuration of the joined recorder's programs (`enum word` of joined.bpf.h): offsets in this kernel's structs,
/// and values of one recording.
package struct JoinedLayout {
    /// In the order of joined.bpf.h. The raw value of an offset is its path in the kernel's types.
    package enum Word: String, CaseIterable {
        case leader = "task_struct.group_leader"
        case thread = "task_struct.pid"
        case process = "task_struct.tgid"
        case threadPID = "task_struct.thread_pid"
        case memory = "task_struct.mm"
        case fileSystem = "task_struct.fs"
        case signal = "task_struct.signal"
        case exitCode = "task_struct.exit_code"
        case comm = "task_struct.comm"
        #if arch(x86_64)
            case threadBase = "task_struct.thread.fsbase"
        #else
            case threadBase = "task_struct.thread.uw.tp_value"
        #endif
        case signalFlags = "signal_struct.flags"
        case groupExitCode = "signal_struct.group_exit_code"
        case liveThreads = "signal_struct.live"
        case argumentsStart = "mm_struct.arg_start"
        case argumentsEnd = "mm_struct.arg_end"
        case environmentStart = "mm_struct.env_start"
        case environmentEnd = "mm_struct.env_end"
        case pageTables = "mm_struct.pgtables_bytes"
        case resident
        case executableSize = "mm_struct.exec_vm"
        case mappingCount = "mm_struct.map_count"
        case stackStart = "mm_struct.start_stack"
        case vdso = "mm_struct.context.vdso"
        case number
        case numberLevel = "pid.level"
        case signalCode = "kernel_siginfo.si_code"
        case executedName = "linux_binprm.filename"
        case executedFile = "linux_binprm.file"
        case entry = "file.f_path.dentry"
        case mounted = "file.f_path.mnt"
        case inode = "file.f_inode"
        case mode = "file.f_mode"
        case entryInode = "dentry.d_inode"
        case parent = "dentry.d_parent"
        case name = "dentry.d_name"
        case hash = "dentry.d_hash"
        case inodeNumber = "inode.i_ino"
        case superBlock = "inode.i_sb"
        case device = "super_block.s_dev"
        case superFlags = "super_block.s_flags"
        case userEntry = "backing_file.user_path.dentry"
        case userMounted = "backing_file.user_path.mnt"
        case mountNamespace = "mount.mnt_ns"
        case mountParent = "mount.mnt_parent"
        case mountPoint = "mount.mnt_mountpoint"
        case innerMount = "mount.mnt"
        case mountRoot = "vfsmount.mnt_root"
        case rootMount = "fs_struct.root.mnt"
        case rootEntry = "fs_struct.root.dentry"
        case areaStart = "vm_area_struct.vm_start"
        case areaEnd = "vm_area_struct.vm_end"
        case areaOffset = "vm_area_struct.vm_pgoff"
        case areaFlags = "vm_area_struct.vm_flags"
        case areaFile = "vm_area_struct.vm_file"
        case controlGroups = "task_struct.cgroups"
        case unifiedGroup = "css_set.dfl_cgrp"
        case groupNode = "cgroup.kn"
        case groupRoot = "cgroup.root"
        case nodeID = "kernfs_node.id"
        case hierarchy = "cgroup_root.hierarchy_id"
        case registersSize, stackRegister, namespace, namespaceLevel, residentStride, pageSize, stackLimit, wakeAt
        case tellsGroupDead, follows, tellsAtOnce, tellsMappings, tellsFiles
        /// The user whose processes' memory may be read; negative for everyone's.
        case owner
        /// The user's group, whose processes alone they are.
        case ownerGroup
        case credentials = "task_struct.real_cred"
        case user = "cred.uid"
        case effectiveUser = "cred.euid"
        case savedUser = "cred.suid"
        case group = "cred.gid"
        case effectiveGroup = "cred.egid"
        case savedGroup = "cred.sgid"
        case permitted = "cred.cap_permitted"
        case userNamespace = "cred.user_ns"
        case namespaceOwner = "user_namespace.owner"
        case namespaceDepth = "user_namespace.level"
        case namespaceParent = "user_namespace.parent"
        case memoryFlags = "mm_struct.flags"
        /// From Linux 7.2 on it says whether a process is dumpable, which was in the memory's flags before.
        case executionState = "task_struct.exec_state"
        case dumpable = "task_exec_state.dumpable"
        case clone, fork, vfork, clone3, execve, execveat, wait4, waitid
    }

    static let count = 104
    private(set) var words = [Int64](repeating: -1, count: Self.count)

    package subscript(word: Word) -> Int64 {
        get { words[Self.index[word] ?? Self.count - 1] }
        set { words[Self.index[word] ?? Self.count - 1] = newValue }
    }

    private static let index = Dictionary(uniqueKeysWithValues: zip(Word.allCases, 0...))

    /// Words without which a recording is still whole.
    private static let optional: Set<Word> = [
        .resident, .residentStride, .threadBase, .vdso, .fork, .vfork, .userEntry, .userMounted, .owner,
        .ownerGroup, .executionState, .dumpable, .controlGroups, .unifiedGroup, .groupNode, .groupRoot, .nodeID,
        .hierarchy,
    ]

    /// Words without which nobody's memory may be read on behalf of a user.
    static let ofOwner: [Word] = [
        .credentials, .user, .effectiveUser, .savedUser, .group, .effectiveGroup, .savedGroup, .permitted,
        .userNamespace, .namespaceOwner, .namespaceDepth, .namespaceParent, .memoryFlags,
    ]

    /// The first word that is missing where memory is to be read on behalf of a user; `nil` if none is.
    var missingOfOwner: Word? {
        if self[.executionState] >= 0, self[.dumpable] < 0 { return .dumpable }
        return Self.ofOwner.first { self[$0] < 0 }
    }

    /// Numbers of system calls (asm/unistd.h).
    private static let calls: [(Word, Int64)] = {
        #if arch(x86_64)
            [
                (.clone, 56), (.fork, 57), (.vfork, 58), (.clone3, 435), (.execve, 59), (.execveat, 322), (.wait4, 61),
                (.waitid, 247),
            ]
        #else
            [(.clone, 220), (.clone3, 435), (.execve, 221), (.execveat, 281), (.wait4, 260), (.waitid, 95)]
        #endif
    }()

    /// A helper that the programs cannot do without, from Linux 5.15 on; without it the kernel would say no more than that
    /// an argument is invalid.
    static let neededFunction = "bpf_task_pt_regs"

    /// Functions of the kernel that the programs call where it has them, from Linux 6.7 on.
    static let functions = [
        "bpf_iter_task_vma_new", "bpf_iter_task_vma_next", "bpf_iter_task_vma_destroy", "bpf_iter_num_new",
        "bpf_iter_num_next", "bpf_iter_num_destroy",
    ]

    /// All names that `init` and the programs look up.
    static func names(tracepoints: [String]) -> [KernelTypes.Name] {
        let structures = Set(Word.allCases.compactMap { $0.rawValue.split(separator: ".").first.map(String.init) })
        return structures.union(["pid"]).map { KernelTypes.Name(.structure, $0) }
            + (functions + [neededFunction]).map { KernelTypes.Name(.function, $0) }
            + tracepoints.map { KernelTypes.Name(.alias, "btf_trace_" + $0) }
    }

    /// Throws `.field` with the first word that this kernel has not. `isNested`: whether this process has a pid namespace
    /// of its own.
    init(_ types: inout KernelTypes, in bytes: borrowing RawSpan, isNested: Bool) throws(BPFProgramError) {
        for word in Word.allCases where word.rawValue.contains(".") {
            if let place = types.place(word.rawValue, in: bytes), place.offset < 1 << 20 {
                self[word] = Int64(place.offset)
            }
        }
        #if arch(x86_64)
            (self[.registersSize], self[.stackRegister]) = (21 * 8, 19 * 8)
        #else
            (self[.registersSize], self[.stackRegister]) = (34 * 8, 31 * 8)
        #endif
        for (word, number) in Self.calls { self[word] = number }
        (self[.namespace], self[.namespaceLevel]) = (0, 0)
        self[.pageSize] = Int64(sysconf(Int32(_SC_PAGESIZE)))
        (self[.stackLimit], self[.wakeAt], self[.follows]) = (0, 0, 0)
        (self[.tellsAtOnce], self[.tellsMappings], self[.tellsFiles]) = (0, 0, 0)
        self[.tellsGroupDead] = types.arguments(ofTracepoint: "sched_process_exit", in: bytes) == 2 ? 1 : 0
        let numberSize = findNumber(&types, bytes)
        findResident(&types, bytes)
        for word in Word.allCases where self[word] < 0 && !Self.optional.contains(word) && !Self.ofOwner.contains(word)
        {
            throw .field(word.rawValue)
        }
        if isNested { try findNamespace(numberSize) }
    }

    /// `pid.numbers[0].nr`; returns the size of one of them.
    private mutating func findNumber(_ types: inout KernelTypes, _ bytes: borrowing RawSpan) -> Int {
        guard let numbers = types.place("pid.numbers", in: bytes),
            let element = types.element(of: numbers, in: bytes),
            let number = types.member("nr", of: element.type, in: bytes)
        else { return 0 }
        self[.number] = Int64(numbers.offset + number.offset)
        return element.size
    }

    /// The numbers are then those of this process's pid namespace, as long as they have one there.
    private mutating func findNamespace(_ numberSize: Int) throws(BPFProgramError) {
        var offsets = cperf_pid_offsets(
            thread_pid: Int32(clamping: self[.threadPID]), level: Int32(clamping: self[.numberLevel]),
            numbers: Int32(clamping: self[.number]), number_size: Int32(clamping: numberSize))
        var found = cperf_namespace()
        _ = try JoinedMaps.accepted(unsafe cperf_bpf_find_namespace(&offsets, &found))
        self[.namespace] = Int64(bitPattern: found.address)
        self[.namespaceLevel] = Int64(clamping: found.level)
        self[.number] += Int64(clamping: found.level) * Int64(numberSize)
    }

    /// `rss_stat` is `struct percpu_counter[]` from kernel 6.2 on, and before that a struct with an array of atomics.
    private mutating func findResident(_ types: inout KernelTypes, _ bytes: borrowing RawSpan) {
        guard let all = types.place("mm_struct.rss_stat", in: bytes) else { return }
        if let counter = types.element(of: all, in: bytes) {
            guard let count = types.member("count", of: counter.type, in: bytes) else { return }
            (self[.resident], self[.residentStride]) = (Int64(all.offset + count.offset), Int64(counter.size))
        } else if let count = types.place("mm_struct.rss_stat.count", in: bytes),
            let atomic = types.element(of: count, in: bytes)
        {
            (self[.resident], self[.residentStride]) = (Int64(count.offset), Int64(atomic.size))
        }
    }

    /// The bytes of the configuration, for the kernel.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for word in words { bytes.store(word) }
        return bytes
    }
}
