import PerfRecords

/// Records that a recorder writes itself: what was already so when the events were enabled.
public struct SyntheticRecords: Sendable {
    /// What each record ends with (`sample_id_all`): TID, TIME, CPU and IDENTIFIER, the sample type of every event here.
    public var time: UInt64
    public var identifier: UInt64

    public init(time: UInt64, identifier: UInt64) {
        self.time = time
        self.identifier = identifier
    }

    /// PERF_RECORD_FINISHED_ROUND: what is earlier than the newest record of the round before is complete.
    public static let finishedRound: [UInt8] = {
        var bytes: [UInt8] = []
        bytes.store(UInt32(68))
        bytes.store(UInt16(0))
        bytes.store(UInt16(8))
        return bytes
    }()

    /// PERF_RECORD_COMM of a process's only thread.
    public func comm(pid: Int32, name: String) -> [UInt8] {
        var body: [UInt8] = []
        body.store(pid)
        body.store(pid)
        append(name, to: &body, limit: 15)
        return record(type: 3, misc: 0, pid: pid, body)
    }

    /// PERF_RECORD_MMAP of kernel text, as `perf record` synthesises it; `pageOffset` is the address of the symbol that the
    /// name carries (`[kernel.kallsyms]_text`).
    public func kernelMap(name: String, start: UInt64, length: UInt64, pageOffset: UInt64) -> [UInt8] {
        var body: [UInt8] = []
        body.store(Int32(-1))
        body.store(Int32(0))
        body.store(start)
        body.store(length)
        body.store(pageOffset)
        append(name, to: &body, limit: 4095)
        // PERF_RECORD_MISC_KERNEL
        return record(type: 1, misc: 1, pid: -1, body)
    }

    private func append(_ name: String, to body: inout [UInt8], limit: Int) {
        body += name.utf8.prefix(limit)
        body.append(0)
        body.pad(to: 8)
    }

    private func record(type: UInt32, misc: UInt16, pid: Int32, _ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(type)
        bytes.store(misc)
        bytes.store(UInt16(clamping: 8 + body.count + 32))
        bytes += body
        bytes.store(pid)
        bytes.store(pid)
        bytes.store(time)
        bytes.store(UInt64(0))
        bytes.store(identifier)
        return bytes
    }
}
