internal import ByteAccess

extension Record.Decoded {
    /// Appends the record as the kernel would have written it; ranges are read from `source`, the bytes that the
    /// record's ranges refer to. The header's size is computed.
    /// - Returns: whether it was written; a record of more than 65,535 bytes is not.
    @discardableResult
    package func encode(into bytes: inout [UInt8], source: borrowing RawSpan, layout: RecordLayout) -> Bool {
        let start = bytes.count
        bytes.store(header.type.rawValue)
        bytes.store(header.misc.rawValue)
        bytes.store(UInt16(0))
        record.encodeBody(into: &bytes, source: source, layout: layout)
        if header.type != .sample, header.type.isFromKernel { identity.encode(into: &bytes, layout: layout) }
        guard let size = UInt16(exactly: bytes.count - start) else {
            bytes.removeSubrange(start...)
            return false
        }
        bytes.store(size, at: start + 6)
        return true
    }
}

extension Record {
    fileprivate func encodeBody(into bytes: inout [UInt8], source: borrowing RawSpan, layout: RecordLayout) {
        switch self {
        case .mmap(let mapping): mapping.encode(into: &bytes, source: source)
        case .lost(let id, let count):
            bytes.store(id)
            bytes.store(count)
        case .comm(let comm):
            bytes.store(comm.pid)
            bytes.store(comm.tid)
            bytes.append(source, in: comm.name)
        case .exit(let task), .fork(let task): task.encode(into: &bytes)
        case .throttle(let throttle), .unthrottle(let throttle):
            bytes.store(throttle.time)
            bytes.store(throttle.id)
            bytes.store(throttle.streamID)
        case .read(let pid, let tid, let values):
            bytes.store(pid)
            bytes.store(tid)
            values.encode(into: &bytes, source: source)
        case .sample(let sample): sample.encode(into: &bytes, source: source, layout: layout)
        case .lostSamples(let count): bytes.store(count)
        case .switch: break
        case .switchCPUWide(let pid, let tid):
            bytes.store(pid)
            bytes.store(tid)
        default: encodeRareBody(into: &bytes, source: source)
        }
    }

    private func encodeRareBody(into bytes: inout [UInt8], source: borrowing RawSpan) {
        switch self {
        case .aux(let offset, let size, let flags):
            bytes.store(offset)
            bytes.store(size)
            bytes.store(flags)
        case .itraceStart(let pid, let tid):
            bytes.store(pid)
            bytes.store(tid)
        case .namespaces(let pid, let tid, let links):
            bytes.store(pid)
            bytes.store(tid)
            bytes.store(UInt64(links.count / 16))
            bytes.append(source, in: links)
        case .ksymbol(let change):
            bytes.store(change.address)
            bytes.store(change.length)
            bytes.store(change.type)
            bytes.store(change.flags)
            bytes.append(source, in: change.name)
        case .bpfEvent(let type, let flags, let id, let tag):
            bytes.store(type)
            bytes.store(flags)
            bytes.store(id)
            bytes.append(source, in: tag)
        case .cgroup(let id, let path):
            bytes.store(id)
            bytes.append(source, in: path)
        case .textPoke(let poke):
            bytes.store(poke.address)
            bytes.store(UInt16(clamping: poke.oldBytes.count))
            bytes.store(UInt16(clamping: poke.newBytes.count))
            bytes.append(source, in: poke.oldBytes)
            bytes.append(source, in: poke.newBytes)
            // Pad relative to the start of the record, which may be at any position in the buffer.
            let size = 4 &+ poke.oldBytes.count &+ poke.newBytes.count
            bytes += repeatElement(0, count: -size & 7)
        case .auxOutputHardwareID(let id): bytes.store(id)
        case .callchainDeferred(let cookie, let callchain):
            bytes.store(cookie)
            bytes.store(UInt64(callchain.count / 8))
            bytes.append(source, in: callchain)
        case .other(let payload): bytes.append(source, in: payload)
        default: break
        }
    }
}

extension Record.Mapping {
    fileprivate func encode(into bytes: inout [UInt8], source: borrowing RawSpan) {
        bytes.store(pid)
        bytes.store(tid)
        bytes.store(start)
        bytes.store(length)
        bytes.store(fileOffset)
        if let version2 {
            switch version2.identity {
            case .inode(let major, let minor, let inode, let generation):
                bytes.store(major)
                bytes.store(minor)
                bytes.store(inode)
                bytes.store(generation)
            case .buildID(let range):
                var held = source.bytes(in: range)
                bytes.store(UInt32(held.count))
                held += [UInt8](repeating: 0, count: max(0, 20 - held.count))
                bytes += held
            }
            bytes.store(version2.protection)
            bytes.store(version2.flags)
        }
        bytes.append(source, in: path)
    }
}

extension Record.Task {
    fileprivate func encode(into bytes: inout [UInt8]) {
        bytes.store(pid)
        bytes.store(parentPID)
        bytes.store(tid)
        bytes.store(parentTID)
        bytes.store(time)
    }
}
