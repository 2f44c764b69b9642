import PerfRecords

/// A decoded record on one line, so that a test can show bytes and what they mean side by side.
func describe(_ record: Record, _ bytes: [UInt8]) -> String {
    func task(_ task: Record.Task) -> String {
        "pid=\(task.pid) tid=\(task.tid) parent=\(task.parentPID)/\(task.parentTID) time=\(task.time)"
    }
    func throttle(_ throttle: Record.Throttle) -> String {
        "time=\(throttle.time) id=\(throttle.id) stream=\(throttle.streamID)"
    }
    switch record {
    case .mmap(let mapping): return describe(mapping, bytes)
    case .lost(let id, let count): return "LOST id=\(id) count=\(count)"
    case .comm(let comm): return "COMM pid=\(comm.pid) tid=\(comm.tid) name=\(bytes.text(comm.name))"
    case .exit(let exit): return "EXIT \(task(exit))"
    case .fork(let fork): return "FORK \(task(fork))"
    case .throttle(let values): return "THROTTLE \(throttle(values))"
    case .unthrottle(let values): return "UNTHROTTLE \(throttle(values))"
    case .read(let pid, let tid, let values): return "READ pid=\(pid) tid=\(tid) count=\(values.count)"
    case .sample(let sample): return "SAMPLE fields=\(sample.fields.rawValue)"
    case .aux(let offset, let size, let flags): return "AUX offset=\(offset) size=\(size) flags=\(flags)"
    case .itraceStart(let pid, let tid): return "ITRACE_START pid=\(pid) tid=\(tid)"
    case .lostSamples(let count): return "LOST_SAMPLES count=\(count)"
    case .switch: return "SWITCH"
    case .switchCPUWide(let pid, let tid): return "SWITCH_CPU_WIDE pid=\(pid) tid=\(tid)"
    case .namespaces(let pid, let tid, let links): return "NAMESPACES pid=\(pid) tid=\(tid) \(bytes.words(links))"
    case .ksymbol(let change):
        return "KSYMBOL address=\(change.address) length=\(change.length) type=\(change.type) flags=\(change.flags) "
            + "name=\(bytes.text(change.name))"
    case .bpfEvent(let type, let flags, let id, let tag):
        return "BPF_EVENT type=\(type) flags=\(flags) id=\(id) tag=\(bytes[tag].map { $0 })"
    case .cgroup(let id, let path): return "CGROUP id=\(id) path=\(bytes.text(path))"
    case .textPoke(let poke):
        return "TEXT_POKE address=\(poke.address) old=\(Array(bytes[poke.oldBytes])) new=\(Array(bytes[poke.newBytes]))"
    case .auxOutputHardwareID(let id): return "AUX_OUTPUT_HW_ID id=\(id)"
    case .callchainDeferred(let cookie, let callchain):
        return "CALLCHAIN_DEFERRED cookie=\(cookie) \(bytes.words(callchain))"
    case .other(let payload): return "other \(Array(bytes[payload]))"
    }
}

private func describe(_ mapping: Record.Mapping, _ bytes: [UInt8]) -> String {
    var text = "MMAP"
    if let version2 = mapping.version2 {
        switch version2.identity {
        case .inode(let major, let minor, let inode, let generation):
            text += "2 device=\(major):\(minor) inode=\(inode)/\(generation)"
        case .buildID(let range): text += "2 build ID \(Array(bytes[range]))"
        }
        text += " protection=\(version2.protection) flags=\(version2.flags)"
    }
    return text + " pid=\(mapping.pid) tid=\(mapping.tid) start=\(mapping.start) length=\(mapping.length) "
        + "offset=\(mapping.fileOffset) path=\(bytes.text(mapping.path))"
}

/// Every byte range that a record hands out.
func ranges(of record: Record) -> [Range<Int>] {
    switch record {
    case .mmap(let mapping):
        if case .buildID(let range)? = mapping.version2?.identity { return [mapping.path, range] }
        return [mapping.path]
    case .comm(let comm): return [comm.name]
    case .read(_, _, let values): return [values.members]
    case .sample(let sample):
        return [
            sample.read.members, sample.callchain, sample.raw, sample.branchStack.entries, sample.branchStack.counters,
            sample.registersUser.values, sample.stackUser.bytes, sample.registersInterrupt.values, sample.aux,
        ]
    case .namespaces(_, _, let links): return [links]
    case .ksymbol(let change): return [change.name]
    case .bpfEvent(_, _, _, let tag): return [tag]
    case .cgroup(_, let path): return [path]
    case .textPoke(let poke): return [poke.oldBytes, poke.newBytes]
    case .callchainDeferred(_, let callchain): return [callchain]
    case .other(let payload): return [payload]
    default: return []
    }
}
