import ByteAccess
import PerfData
import PerfRecords
import Session

/// Makes perf.data records of what the joined recorder's programs write into their ring (joined.bpf.h): a sample each,
/// and around them the FORK, COMM, MMAP2 and EXIT records that the kernel's own side band would have had.
///
/// One buffer is filled for each round, so that a record costs copies and no allocation.
struct JoinedRecords {
    private(set) var bytes: [UInt8] = []
    /// By kind of record.
    private(set) var seen = [UInt64](repeating: 0, count: 16)
    private let identifiers: [UInt64]
    private let sidebandIdentifier: UInt64
    private let pageSize: UInt64
    /// By event: where its fixed fields end in a record of the ring.
    private let fixedEnds: [Int]
    private let writesSideband: Bool
    /// Creations have registers and a stack; else the callers' addresses.
    private let hasStacks: Bool
    /// The name of each thread as it was told last, in two words.
    private var comms: [Int32: Comm] = [:]

    private struct Comm: Hashable {
        var low: UInt64
        var high: UInt64
    }
    /// Processes of which no record has told yet that they ran.
    private(set) var waiting: Set<Int32> = []
    /// Whether stacks are kept: they are what needs room.
    var keepsStacks = true
    /// Paths by the file's number, which the kernel tells once.
    private var files: [UInt64: [UInt8]] = [:]

    /// `struct head`.
    private enum Head {
        static let kind = 0
        static let cpu = 4
        static let pid = 8
        static let tid = 12
        static let time = 16
        static let comm = 24
        static let ran = 40
        static let size = 48
    }

    /// `enum kind`, where it is no event of the session's.
    private enum Kind {
        static let mapped = 13
        static let fileNamed = 14
    }

    /// The most paths that are kept at a time; the kernel tells those of files in use again.
    private static let mostFiles = 1 << 16
    /// The most threads whose names are remembered; those that are forgotten are told again.
    private static let mostThreads = 1 << 16

    /// `identifiers`: by event, in the order of `JoinedEvent.allCases`.
    init(
        identifiers: [UInt64], sideband: UInt64, pageSize: UInt64, writesSideband: Bool = true, hasStacks: Bool = true
    ) {
        self.identifiers = identifiers
        sidebandIdentifier = sideband
        self.pageSize = pageSize
        fixedEnds = [0] + JoinedEvent.allCases.map { Head.ran + $0.size - JoinedEvent.commonSize }
        self.writesSideband = writesSideband
        self.hasStacks = hasStacks
    }

    /// Removes and returns the records; what comes next will need about as much room.
    mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        bytes.reserveCapacity(taken.count)
        return taken
    }

    /// Adds what one record of the ring stands for; nothing if it is too short.
    mutating func add(_ record: borrowing RawSpan) {
        guard let kind = record.load(UInt32.self, at: Head.kind).map(Int.init), record.byteCount >= Head.size else {
            return
        }
        if seen.indices.contains(kind) { seen[kind] &+= 1 }
        if !waiting.isEmpty, kind == JoinedEvent.exit.rawValue || record.load(UInt64.self, at: Head.ran) != 0,
            let pid = record.load(Int32.self, at: Head.pid)
        {
            waiting.remove(pid)
        }
        // An exec tells its name itself, and what follows an EXIT record has none any more.
        if writesSideband, kind < Kind.mapped, kind != JoinedEvent.exec.rawValue,
            kind != JoinedEvent.parentTold.rawValue
        {
            noteComm(record)
        }
        switch kind {
        case Kind.mapped: if writesSideband { addMapping(record) }
        case Kind.fileNamed: name(record)
        default:
            guard let event = JoinedEvent(rawValue: kind) else { return }
            switch event {
            case .spawn: addSpawn(record)
            case .exec: addExec(record)
            case .exit:
                add(event, record, raw: Head.ran..<record.byteCount)
                let pid = record.load(Int32.self, at: Head.pid) ?? 0
                addTask(type: 4, record, pid: pid, parent: 0)
                comms[pid] = nil
            case .creationReturn, .execReturn, .wait, .parentTold, .ring, .firstRun, .attempt:
                let end = fixedEnds[event.rawValue]
                add(event, record, raw: Head.ran..<min(record.byteCount, end))
            case .execFailed: addFailed(record)
            case .stack: break
            }
        }
    }

    /// Tells that a process has run which has had no record of its own since.
    mutating func addFirstRun(of process: Int32, _ ran: UInt64, at time: UInt64) {
        var record: [UInt8] = []
        record.store(UInt32(JoinedEvent.firstRun.rawValue))
        record.store(UInt32(0))
        for _ in 0..<2 { record.store(process) }
        record.store(time)
        let comm = comms[process]
        record.store(comm?.low ?? 0)
        record.store(comm?.high ?? 0)
        record.store(ran)
        unsafe add(record.span.bytes)
    }

    /// Losses between two rounds.
    mutating func addLost(_ count: UInt64, at time: UInt64) {
        bytes.store(UInt32(2))
        bytes.store(UInt16(0))
        bytes.store(UInt16(8 + 16 + 32))
        bytes.store(identifiers[0])
        bytes.store(count)
        addTrailer(pid: 0, tid: 0, time: time, cpu: 0)
    }

    // MARK: - Samples

    private mutating func addFailed(_ record: borrowing RawSpan) {
        // The path's place is a fixed one, and its length in the upper half.
        let fixed = fixedEnds[JoinedEvent.execFailed.rawValue]
        let length = Int((record.load(UInt32.self, at: fixed - 8) ?? 0) >> 16)
        add(.execFailed, record, raw: Head.ran..<min(record.byteCount, fixed + length))
    }

    private static let registersStart = 104
    private static let stackStart = 376
    /// From a sample's start: its header and fields, an empty callchain, the size of the raw bytes, and those before.
    private static let unusedStart = 48 + 8 + 4 + JoinedEvent.commonSize + 84 - Head.ran
    /// The most bytes of stack in a sample: a record has no more than 64 KiB.
    static let mostStack = 60 << 10

    private mutating func addSpawn(_ record: borrowing RawSpan) {
        let fixed = fixedEnds[JoinedEvent.spawn.rawValue]
        let size = Int(record.load(UInt32.self, at: 84) ?? 0)
        let all = record.clamped(Self.stackStart..<Self.stackStart + (keepsStacks ? size : 0))
        guard hasStacks else { return addSpawn(record, callers: all) }
        let stack = all.prefix(Self.mostStack)
        if stack.count < all.count { addRest(record, stack.upperBound..<all.upperBound) }
        let start = begin(record, .spawn)
        // No callchain: the stack is unwound when the session is read.
        bytes.store(UInt64(0))
        addRaw(record, Head.ran..<fixed, event: .spawn)
        // In its place the ring has the size of the stack.
        bytes.store(UInt32(0), at: start + Self.unusedStart)
        if !stack.isEmpty {
            bytes.store(UInt64(2))
            for register in Self.order {
                bytes.store(record.load(UInt64.self, at: Self.registersStart + 8 * register) ?? 0)
            }
            let padded = (stack.count + 7) & ~7
            bytes.store(UInt64(padded))
            bytes.append(record, in: stack)
            for _ in stack.count..<padded { bytes.append(0) }
            bytes.store(UInt64(stack.count))
        } else {
            // No registers and no stack.
            bytes.store(UInt64(0))
            bytes.store(UInt64(0))
        }
        end(start)
        addChild(record)
    }

    /// A creation with the addresses of its call site, by frame pointers, in place of a stack.
    private mutating func addSpawn(_ record: borrowing RawSpan, callers: Range<Int>) {
        let start = begin(record, .spawn)
        let count = callers.count / 8
        bytes.store(UInt64(count > 0 ? count + 1 : 0))
        if count > 0 { bytes.store(CallchainContext.user) }
        bytes.append(record, in: callers.prefix(count * 8))
        addRaw(record, Head.ran..<fixedEnds[JoinedEvent.spawn.rawValue], event: .spawn)
        end(start)
        addChild(record)
    }

    private mutating func addChild(_ record: borrowing RawSpan) {
        guard let child = record.load(Int32.self, at: 80) else { return }
        waiting.insert(child)
        addTask(type: 7, record, pid: child, parent: record.load(Int32.self, at: Head.pid) ?? 0)
        // A child has the name of the thread that created it.
        comms[child] = comms[record.load(Int32.self, at: Head.tid) ?? 0]
    }

    /// What of a stack does not fit into the sample of its creation.
    private mutating func addRest(_ record: borrowing RawSpan, _ rest: Range<Int>) {
        // struct pt_regs of the architecture: the stack pointer.
        let pointer = record.load(UInt64.self, at: Self.registersStart + 8 * Self.stackRegister) ?? 0
        let fixed = JoinedEvent.stack.size
        for first in stride(from: rest.lowerBound, to: rest.upperBound, by: Self.mostStack) {
            let piece = first..<min(first + Self.mostStack, rest.upperBound)
            let start = begin(record, .stack)
            bytes.store(UInt32(fixed + piece.count))
            let rawStart = bytes.count
            addCommon(record, .stack)
            bytes.store(UInt64(0))
            bytes.store(pointer &+ UInt64(first - Self.stackStart))
            bytes.store(UInt32(piece.count) << 16 | UInt32(fixed))
            bytes.store(UInt32(0))
            bytes.append(record, in: piece)
            pad(from: rawStart)
            end(start)
        }
    }

    private static let stackRegister: Int = {
        #if arch(x86_64)
            19
        #else
            31
        #endif
    }()

    /// Where in struct pt_regs the registers of `StackDump.registers` are, in the order of perf's.
    private static let order: [Int] = {
        #if arch(x86_64)
            [10, 5, 11, 12, 13, 14, 4, 19, 16, 18, 17, 20, 9, 8, 7, 6, 3, 2, 1, 0]
        #else
            Array(0..<33)
        #endif
    }()

    private mutating func addExec(_ record: borrowing RawSpan) {
        let fixed = 112
        guard let pid = record.load(Int32.self, at: Head.pid), let place = record.load(UInt32.self, at: 84),
            let file = record.load(UInt64.self, at: 104)
        else { return }
        if writesSideband {
            // PERF_RECORD_MISC_COMM_EXEC
            addComm(record, pid: pid, tid: pid, misc: 1 << 13)
            comms[pid] = comm(record)
        }
        let path = record.clamped(fixed..<fixed + Int(place >> 16))
        let name = files[file] ?? []
        let start = begin(record, .exec)
        let rawSize = JoinedEvent.commonSize + (path.upperBound - Head.ran) + name.count + (name.isEmpty ? 0 : 1)
        bytes.store(UInt32(rawSize))
        let rawStart = bytes.count
        addCommon(record, .exec)
        bytes.append(record, in: Head.ran..<104)
        // Where the file's name lies: behind the path.
        let offset = JoinedEvent.commonSize + path.upperBound - Head.ran
        bytes.store(name.isEmpty ? UInt32(offset) : UInt32(name.count + 1) << 16 | UInt32(offset))
        bytes.store(UInt32(0))
        bytes.append(record, in: path)
        if !name.isEmpty {
            bytes += name
            bytes.append(0)
        }
        pad(from: rawStart)
        end(start)
    }

    private mutating func add(_ event: JoinedEvent, _ record: borrowing RawSpan, raw: Range<Int>) {
        let start = begin(record, event)
        addRaw(record, raw, event: event)
        end(start)
    }

    /// The header and the fields of every sample: IDENTIFIER, IP, TID, TIME, CPU.
    private mutating func begin(_ record: borrowing RawSpan, _ event: JoinedEvent) -> Int {
        let start = bytes.count
        bytes.store(UInt32(9))
        // PERF_RECORD_MISC_USER
        bytes.store(UInt16(2))
        bytes.store(UInt16(0))
        bytes.store(identifiers[event.rawValue - 1])
        bytes.store(event == .spawn ? record.load(UInt64.self, at: Self.registersStart + 8 * 16) ?? 0 : 0)
        bytes.append(record, in: Head.pid..<Head.comm)
        bytes.store(record.load(UInt32.self, at: Head.cpu) ?? 0)
        bytes.store(UInt32(0))
        return start
    }

    private mutating func addRaw(_ record: borrowing RawSpan, _ range: Range<Int>, event: JoinedEvent) {
        bytes.store(UInt32(JoinedEvent.commonSize + range.count))
        let start = bytes.count
        addCommon(record, event)
        bytes.append(record, in: range)
        pad(from: start)
    }

    /// `common_type`, `common_flags`, `common_preempt_count`, `common_pid`.
    private mutating func addCommon(_ record: borrowing RawSpan, _ event: JoinedEvent) {
        bytes.store(UInt16(event.id))
        bytes.store(UInt16(0))
        bytes.store(record.load(UInt32.self, at: Head.tid) ?? 0)
    }

    /// Raw bytes with their size before them end at a multiple of eight bytes.
    private mutating func pad(from start: Int) {
        let count = bytes.count - start
        let padded = (count + 4 + 7) & ~7
        for _ in count + 4..<padded { bytes.append(0) }
        bytes.store(UInt32(padded - 4), at: start - 4)
    }

    private mutating func end(_ start: Int) {
        bytes.store(UInt16(truncatingIfNeeded: bytes.count - start), at: start + 6)
    }

    // MARK: - The side band

    /// FORK or EXIT of a process: `{ u32 pid, ppid, tid, ptid; u64 time; }`.
    private mutating func addTask(type: UInt32, _ record: borrowing RawSpan, pid: Int32, parent: Int32) {
        guard writesSideband else { return }
        let time = record.load(UInt64.self, at: Head.time) ?? 0
        let tid = record.load(Int32.self, at: Head.tid) ?? 0
        bytes.store(type)
        bytes.store(UInt16(0))
        bytes.store(UInt16(8 + 24 + 32))
        for number in [pid, parent] { bytes.store(number) }
        bytes.store(pid)
        bytes.store(type == 7 ? tid : parent)
        bytes.store(time)
        addTrailer(
            pid: type == 7 ? parent : pid, tid: type == 7 ? tid : pid, time: time,
            cpu: record.load(UInt32.self, at: Head.cpu) ?? 0)
    }

    /// Tells the name of a thread before its first sample, and each new one that it has given itself.
    private mutating func noteComm(_ record: borrowing RawSpan) {
        guard let pid = record.load(Int32.self, at: Head.pid), let tid = record.load(Int32.self, at: Head.tid),
            let comm = comm(record), comm.low != 0
        else { return }
        let known = comms[tid]
        guard known != comm else { return }
        if known == nil, tid != pid { addThread(record, pid: pid, tid: tid) }
        addComm(record, pid: pid, tid: tid, misc: 0)
        if comms.count >= Self.mostThreads { comms.removeAll(keepingCapacity: true) }
        comms[tid] = comm
    }

    private func comm(_ record: borrowing RawSpan) -> Comm? {
        guard let low = record.load(UInt64.self, at: Head.comm), let high = record.load(UInt64.self, at: Head.comm + 8)
        else { return nil }
        return Comm(low: low, high: high)
    }

    /// FORK of a thread, by its process's first one.
    private mutating func addThread(_ record: borrowing RawSpan, pid: Int32, tid: Int32) {
        let time = record.load(UInt64.self, at: Head.time) ?? 0
        bytes.store(UInt32(7))
        bytes.store(UInt16(0))
        bytes.store(UInt16(8 + 24 + 32))
        for number in [pid, pid, tid, pid] { bytes.store(number) }
        bytes.store(time)
        addTrailer(pid: pid, tid: pid, time: time, cpu: record.load(UInt32.self, at: Head.cpu) ?? 0)
    }

    /// COMM: `{ u32 pid, tid; char comm[]; }`.
    private mutating func addComm(_ record: borrowing RawSpan, pid: Int32, tid: Int32, misc: UInt16) {
        bytes.store(UInt32(3))
        bytes.store(misc)
        let name = Head.comm..<Head.comm + 15
        let size = (record.stringLength(in: name) + 8) & ~7
        bytes.store(UInt16(8 + 8 + size + 32))
        bytes.store(pid)
        bytes.store(tid)
        bytes.append(record, in: Head.comm..<Head.comm + size)
        addTrailer(
            pid: pid, tid: tid, time: record.load(UInt64.self, at: Head.time) ?? 0,
            cpu: record.load(UInt32.self, at: Head.cpu) ?? 0)
    }

    /// VM_READ, VM_WRITE, VM_EXEC and VM_SHARED are 1, 2, 4 and 8 (linux/mm.h), as PROT_* of mmap(2).
    private static let sharedFlag: UInt64 = 8

    private mutating func addMapping(_ record: borrowing RawSpan) {
        guard let pid = record.load(Int32.self, at: Head.pid), let time = record.load(UInt64.self, at: Head.time),
            let start = record.load(UInt64.self, at: 48), let end = record.load(UInt64.self, at: 56),
            let pages = record.load(UInt64.self, at: 64), let inode = record.load(UInt64.self, at: 72),
            let flags = record.load(UInt64.self, at: 80), let device = record.load(UInt32.self, at: 88),
            let isVDSO = record.load(UInt32.self, at: 92), let file = record.load(UInt64.self, at: 96), end > start
        else { return }
        let path = isVDSO != 0 ? Array("[vdso]".utf8) : file == 0 ? Array("//anon".utf8) : files[file] ?? []
        let first = bytes.count
        bytes.store(UInt32(10))
        bytes.store(UInt16(2))
        bytes.store(UInt16(0))
        bytes.store(pid)
        bytes.store(pid)
        bytes.store(start)
        bytes.store(end - start)
        bytes.store(file == 0 ? start : pages &* pageSize)
        // The kernel's dev_t: MAJOR in the upper 12 bits, MINOR in the lower 20 (linux/kdev_t.h).
        bytes.store(device >> 20)
        bytes.store(device & 0xf_ffff)
        bytes.store(inode)
        bytes.store(UInt64(0))
        bytes.store(UInt32(truncatingIfNeeded: flags & 7))
        // MAP_SHARED 1, MAP_PRIVATE 2
        bytes.store(UInt32(flags & Self.sharedFlag != 0 ? 1 : 2))
        bytes += path
        let padded = (path.count + 8) & ~7
        for _ in path.count..<padded { bytes.append(0) }
        addTrailer(pid: pid, tid: pid, time: time, cpu: record.load(UInt32.self, at: Head.cpu) ?? 0)
        self.end(first)
    }

    /// `sample_id_all`: TID, TIME, CPU, IDENTIFIER.
    private mutating func addTrailer(pid: Int32, tid: Int32, time: UInt64, cpu: UInt32) {
        bytes.store(pid)
        bytes.store(tid)
        bytes.store(time)
        bytes.store(cpu)
        bytes.store(UInt32(0))
        bytes.store(sidebandIdentifier)
    }

    /// `struct file_named`: the names up to the root, the last first.
    private mutating func name(_ record: borrowing RawSpan) {
        guard let file = record.load(UInt64.self, at: 48), let count = record.load(UInt32.self, at: 56),
            let isDeleted = record.load(UInt32.self, at: 64)
        else { return }
        var parts: [Range<Int>] = []
        var start = 72
        for _ in 0..<min(count, 64) where start < record.byteCount {
            let part = start..<start + record.stringLength(in: start..<record.byteCount)
            parts.append(part)
            start = part.upperBound + 1
        }
        var path: [UInt8] = []
        for part in parts.reversed() {
            path.append(UInt8(ascii: "/"))
            path.append(record, in: part)
        }
        if path.isEmpty { path = [UInt8(ascii: "/")] }
        if isDeleted != 0 { path += Array(" (deleted)".utf8) }
        if files.count >= Self.mostFiles { files.removeAll() }
        files[file] = path
    }
}
