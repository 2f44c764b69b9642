import ByteAccess
import PerfRecords

/// Records that the recorder writes itself, for the state of the system when the events were enabled.
package struct SyntheticRecords: Sendable {
    /// The time in each record's trailer (`sample_id_all`): TID, TIME, CPU, IDENTIFIER, the sample type of every event.
    package var time: UInt64
    package var identifier: UInt64

    package init(time: UInt64, identifier: UInt64) {
        self.time = time
        self.identifier = identifier
    }

    /// PERF_RECORD_FINISHED_ROUND: all records up to the newest time of the previous round have been written.
    package static let finishedRound: [UInt8] = {
        var bytes: [UInt8] = []
        bytes.store(UInt32(68))
        bytes.store(UInt16(0))
        bytes.store(UInt16(8))
        return bytes
    }()

    /// PERF_RECORD_COMM of a process's main thread, or of another `thread`.
    package func comm(pid: Int32, thread: Int32? = nil, name: [UInt8]) -> [UInt8] {
        var body: [UInt8] = []
        body.store(pid)
        body.store(thread ?? pid)
        append(name, to: &body, limit: 15)
        return record(type: 3, misc: 0, pid: pid, thread: thread, body)
    }

    /// PERF_RECORD_FORK of a process that already runs, or of one of its threads (`parent` is then the process). Bit 13
    /// of misc distinguishes it from a FORK that was observed.
    package func existing(pid: Int32, thread: Int32? = nil, parent: Int32) -> [UInt8] {
        var body: [UInt8] = []
        for number in [pid, parent, thread ?? pid, parent] { body.store(number) }
        body.store(time)
        return record(type: 7, misc: 1 << 13, pid: pid, thread: thread, body)
    }

    /// A mapping of a process, one line of /proc/PID/maps.
    package struct Mapping: Hashable, Sendable {
        package var start: UInt64 = 0
        package var length: UInt64 = 0
        package var fileOffset: UInt64 = 0
        package var major: UInt32 = 0
        package var minor: UInt32 = 0
        package var inode: UInt64 = 0
        /// `PROT_*` and `MAP_*` of mmap(2).
        package var protection: UInt32 = 0
        package var flags: UInt32 = 0
        package var path: [UInt8] = []

        package init() {}
    }

    /// PERF_RECORD_MMAP2, misc PERF_RECORD_MISC_USER.
    package func map(pid: Int32, _ mapping: Mapping) -> [UInt8] {
        var body: [UInt8] = []
        body.store(pid)
        body.store(pid)
        body.store(mapping.start)
        body.store(mapping.length)
        body.store(mapping.fileOffset)
        body.store(mapping.major)
        body.store(mapping.minor)
        body.store(mapping.inode)
        // procfs does not show the inode's generation.
        body.store(UInt64(0))
        body.store(mapping.protection)
        body.store(mapping.flags)
        append(mapping.path, to: &body, limit: 4095)
        return record(type: 10, misc: 2, pid: pid, body)
    }

    /// PERF_RECORD_MMAP of kernel text, as `perf record` synthesises it; `pageOffset` is the address of the symbol at
    /// the end of `name` (`_text` in `[kernel.kallsyms]_text`).
    package func kernelMap(name: String, start: UInt64, length: UInt64, pageOffset: UInt64) -> [UInt8] {
        var body: [UInt8] = []
        body.store(Int32(-1))
        body.store(Int32(0))
        body.store(start)
        body.store(length)
        body.store(pageOffset)
        append(Array(name.utf8), to: &body, limit: 4095)
        // PERF_RECORD_MISC_KERNEL
        return record(type: 1, misc: 1, pid: -1, body)
    }

    /// PERF_RECORD_CGROUP: what a control group's id stands for.
    package func controlGroup(id: UInt64, path: [UInt8], process: Int32 = 0) -> [UInt8] {
        var body: [UInt8] = []
        body.store(id)
        append(path, to: &body, limit: 4095)
        return record(type: 19, misc: 0, pid: process, body)
    }

    private func append(_ name: [UInt8], to body: inout [UInt8], limit: Int) {
        body += name.prefix(limit)
        body.append(0)
        body.pad(to: 8)
    }

    private func record(
        type: UInt32, misc: UInt16, pid: Int32, thread: Int32? = nil, _ body: [UInt8]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.store(type)
        bytes.store(misc)
        bytes.store(UInt16(clamping: 8 + body.count + 32))
        bytes += body
        bytes.store(pid)
        bytes.store(thread ?? pid)
        bytes.store(time)
        bytes.store(UInt64(0))
        bytes.store(identifier)
        return bytes
    }
}
