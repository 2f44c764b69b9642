import ByteAccess
import PerfRecords

/// Records as the kernel's own side band would have had them.
extension JoinedRecords {
    /// FORK or EXIT: `{ u32 pid, ppid, tid, ptid; u64 time; }`, told by the parent or by who ends.
    mutating func addTask(
        _ type: RecordType, _ record: borrowing RawSpan, pid: Int32, parent: Int32, tid: Int32, parentTID: Int32
    ) {
        guard writesSideband else { return }
        let time = record.load(UInt64.self, at: Head.time) ?? 0
        bytes.store(type.rawValue)
        bytes.store(UInt16(0))
        bytes.store(UInt16(8 + 24 + 32))
        for number in [pid, parent, tid, parentTID] { bytes.store(number) }
        bytes.store(time)
        addTrailer(
            pid: type == .fork ? parent : pid, tid: type == .fork ? parentTID : tid, time: time,
            cpu: record.load(UInt32.self, at: Head.cpu) ?? 0)
    }

    /// Tells the name of a thread before its first sample, and each new one that it has given itself.
    mutating func noteComm(_ record: borrowing RawSpan) {
        guard let pid = record.load(Int32.self, at: Head.pid), let tid = record.load(Int32.self, at: Head.tid),
            let comm = comm(record), comm.low != 0
        else { return }
        let known = comms[tid]
        guard known != comm else { return }
        // FORK of a thread, by its process's first one.
        if known == nil, tid != pid {
            addTask(.fork, record, pid: pid, parent: pid, tid: tid, parentTID: pid)
        }
        addComm(record, pid: pid, tid: tid, misc: 0)
        if comms.count >= Self.mostThreads { comms.removeAll(keepingCapacity: true) }
        comms[tid] = comm
    }

    func comm(_ record: borrowing RawSpan) -> Comm? {
        guard let low = record.load(UInt64.self, at: Head.comm), let high = record.load(UInt64.self, at: Head.comm + 8)
        else { return nil }
        return Comm(low: low, high: high)
    }

    /// COMM: `{ u32 pid, tid; char comm[]; }`.
    mutating func addComm(_ record: borrowing RawSpan, pid: Int32, tid: Int32, misc: UInt16) {
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

    mutating func addMapping(_ record: borrowing RawSpan) {
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
    mutating func addTrailer(pid: Int32, tid: Int32, time: UInt64, cpu: UInt32) {
        bytes.store(pid)
        bytes.store(tid)
        bytes.store(time)
        bytes.store(cpu)
        bytes.store(UInt32(0))
        bytes.store(sidebandIdentifier)
    }

    /// `struct file_named`: the names up to the root, the last first.
    mutating func name(_ record: borrowing RawSpan) {
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
