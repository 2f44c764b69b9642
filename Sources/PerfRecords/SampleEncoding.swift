internal import ByteAccess

extension Sample {
    /// Appends the whole record, header included, with the fields of `layout`; ranges are read from `source`.
    /// - Returns: whether it was written; a record of more than 65,535 bytes is not.
    @discardableResult
    package func encode(
        misc: RecordMisc, into bytes: inout [UInt8], source: borrowing RawSpan, layout: RecordLayout
    ) -> Bool {
        let start = bytes.count
        bytes.store(RecordType.sample.rawValue)
        bytes.store(misc.rawValue)
        bytes.store(UInt16(0))
        encode(into: &bytes, source: source, layout: layout)
        guard let size = UInt16(exactly: bytes.count - start) else {
            bytes.removeSubrange(start...)
            return false
        }
        bytes.store(size, at: start + 6)
        return true
    }

    /// Appends the fields of `layout` in the order of linux/perf_event.h; ranges are read from `source`, the bytes that
    /// this sample's ranges refer to.
    func encode(into bytes: inout [UInt8], source: borrowing RawSpan, layout: RecordLayout) {
        let type = layout.sampleType
        if type.contains(.identifier) { bytes.store(identifier) }
        if type.contains(.instructionPointer) { bytes.store(instructionPointer) }
        if type.contains(.threadID) {
            bytes.store(pid)
            bytes.store(tid)
        }
        if type.contains(.time) { bytes.store(time) }
        if type.contains(.address) { bytes.store(address) }
        if type.contains(.id) { bytes.store(id) }
        if type.contains(.streamID) { bytes.store(streamID) }
        if type.contains(.cpu) {
            bytes.store(cpu)
            bytes.store(UInt32(0))
        }
        if type.contains(.period) { bytes.store(period) }
        if type.contains(.read) { read.encode(into: &bytes, source: source) }
        if type.contains(.callchain) {
            bytes.store(UInt64(callchain.count / 8))
            bytes.append(source, in: callchain)
        }
        if type.contains(.raw) {
            bytes.store(UInt32(clamping: raw.count))
            bytes.append(source, in: raw)
        }
        if type.contains(.branchStack) {
            bytes.store(UInt64(branchStack.entries.count / 24))
            if layout.branchSampleType.contains(.hardwareIndex) { bytes.store(branchStack.hardwareIndex) }
            bytes.append(source, in: branchStack.entries)
            bytes.append(source, in: branchStack.counters)
        }
        if type.contains(.registersUser) { registersUser.encode(into: &bytes, source: source) }
        if type.contains(.stackUser) {
            bytes.store(UInt64(stackUser.bytes.count))
            if !stackUser.bytes.isEmpty {
                bytes.append(source, in: stackUser.bytes)
                bytes.store(UInt64(clamping: stackUser.usedSize))
            }
        }
        if !type.isDisjoint(with: [.weight, .weightStruct]) { bytes.store(weight) }
        if type.contains(.dataSource) { bytes.store(dataSource) }
        if type.contains(.transaction) { bytes.store(transaction) }
        if type.contains(.registersInterrupt) { registersInterrupt.encode(into: &bytes, source: source) }
        if type.contains(.physicalAddress) { bytes.store(physicalAddress) }
        if type.contains(.cgroup) { bytes.store(cgroup) }
        if type.contains(.dataPageSize) { bytes.store(dataPageSize) }
        if type.contains(.codePageSize) { bytes.store(codePageSize) }
        if type.contains(.aux) {
            bytes.store(UInt64(aux.count))
            bytes.append(source, in: aux)
        }
    }
}

extension Sample.Registers {
    func encode(into bytes: inout [UInt8], source: borrowing RawSpan) {
        bytes.store(abi)
        if abi != 0 { bytes.append(source, in: values) }
    }
}
