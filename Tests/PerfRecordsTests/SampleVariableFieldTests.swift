import PerfRecords
import Testing

/// The fields of variable length, in each shape that the kernel gives them. CGROUP or AUX follows as a plumb line.
@Suite struct SampleVariableFieldTests {
    @Test(arguments: [0, 1, 2, 3, 64])
    func userRegisters(count: Int) throws {
        let mask: UInt64 = count == 64 ? .max : (1 << UInt64(count)) - 1
        let values = (0..<count).map { UInt64($0) + 0x100 }
        let record = RecordBytes(type: 9).u64(2).u64(values).u64(88)
        let sample = try decodeSample(record, .of([.registersUser, .cgroup], userRegisters: mask))
        #expect(record.bytes.words(sample.registersUser.values) == values)
        #expect(sample.registersUser.abi == 2 && sample.cgroup == 88)
    }

    @Test func withoutAnABIThereAreNoRegisters() throws {
        let layout = RecordLayout.of(
            [.registersUser, .registersInterrupt, .cgroup], userRegisters: 0xff0fff, interruptRegisters: 0xff)
        let sample = try decodeSample(RecordBytes(type: 9).u64(0, 0, 88), layout)
        #expect(sample.registersUser.abi == 0 && sample.registersUser.values.isEmpty)
        #expect(sample.registersInterrupt.abi == 0 && sample.registersInterrupt.values.isEmpty)
        #expect(sample.cgroup == 88)
    }

    @Test func theTwoRegisterMasksAreApart() throws {
        let layout = RecordLayout.of(
            [.registersUser, .registersInterrupt], userRegisters: 1 << 63, interruptRegisters: 0b1011)
        let record = RecordBytes(type: 9).u64(2, 0x100).u64(1, 0x200, 0x201, 0x202)
        let sample = try decodeSample(record, layout)
        #expect(record.bytes.words(sample.registersUser.values) == [0x100])
        #expect(record.bytes.words(sample.registersInterrupt.values) == [0x200, 0x201, 0x202])
        #expect(sample.registersUser.abi == 2 && sample.registersInterrupt.abi == 1)
    }

    @Test func aStackOfSizeZeroHasNoDynamicSize() throws {
        let sample = try decodeSample(RecordBytes(type: 9).u64(0).u64(88), .of([.stackUser, .cgroup]))
        #expect(sample.stackUser.bytes.isEmpty && sample.stackUser.usedSize == 0 && sample.cgroup == 88)
    }

    /// More than was dumped is a lie, and must not lead past the dump.
    @Test(arguments: zip([0, 1, 8, 15, 16, 17, 1 << 63, .max] as [UInt64], [0, 1, 8, 15, 16, 16, 16, 16]))
    func theUsedPartOfAStack(dynamicSize: UInt64, expected: Int) throws {
        let record = RecordBytes(type: 9).u64(16).u64(0x51, 0x52).u64(dynamicSize).u64(88)
        let sample = try decodeSample(record, .of([.stackUser, .cgroup]))
        #expect(record.bytes.words(sample.stackUser.bytes) == [0x51, 0x52])
        #expect(sample.stackUser.usedSize == expected && sample.cgroup == 88)
    }

    @Test func branchBitsAreThoseOfTheHeader() {
        #expect(BranchSampleType.hardwareIndex.rawValue == 1 << 17)
        #expect(BranchSampleType.counters.rawValue == 1 << 19)
    }

    @Test func branchesWithoutExtras() throws {
        let record = RecordBytes(type: 9).u64(2).u64(1, 2, 3, 4, 5, 6).u64(88)
        let sample = try decodeSample(record, .of([.branchStack, .cgroup]))
        #expect(record.bytes.words(sample.branchStack.entries) == [1, 2, 3, 4, 5, 6])
        #expect(sample.branchStack.hardwareIndex == 0 && sample.branchStack.counters.isEmpty && sample.cgroup == 88)
    }

    @Test func branchesWithHardwareIndex() throws {
        let record = RecordBytes(type: 9).u64(1).u64(0x1d).u64(1, 2, 3).u64(88)
        let sample = try decodeSample(record, .of([.branchStack, .cgroup], branch: .hardwareIndex))
        #expect(record.bytes.words(sample.branchStack.entries) == [1, 2, 3])
        #expect(sample.branchStack.hardwareIndex == 0x1d && sample.cgroup == 88)
    }

    @Test func branchesWithCounters() throws {
        let record = RecordBytes(type: 9).u64(2).u64(1, 2, 3, 4, 5, 6).u64(0xc1, 0xc2).u64(88)
        let sample = try decodeSample(record, .of([.branchStack, .cgroup], branch: .counters))
        #expect(record.bytes.words(sample.branchStack.entries) == [1, 2, 3, 4, 5, 6])
        #expect(record.bytes.words(sample.branchStack.counters) == [0xc1, 0xc2])
        #expect(sample.cgroup == 88)
    }

    @Test func branchesWithBoth() throws {
        let record = RecordBytes(type: 9).u64(1).u64(0x1d).u64(1, 2, 3).u64(0xc1).u64(88)
        let layout = RecordLayout.of([.branchStack, .cgroup], branch: [.hardwareIndex, .counters])
        let sample = try decodeSample(record, layout)
        #expect(record.bytes.words(sample.branchStack.entries) == [1, 2, 3])
        #expect(record.bytes.words(sample.branchStack.counters) == [0xc1])
        #expect(sample.branchStack.hardwareIndex == 0x1d && sample.cgroup == 88)
    }

    /// The kernel pads so that what follows is aligned; another writer's odd size must not matter.
    @Test(arguments: 0..<17)
    func rawBytesOfAnySize(size: Int) throws {
        let raw = (0..<size).map { UInt8($0 + 1) }
        let record = RecordBytes(type: 9).u64(77).u32(UInt32(size)).raw(raw).u64(88)
        let sample = try decodeSample(record, .of([.time, .raw, .cgroup]))
        #expect(Array(record.bytes[sample.raw]) == raw)
        #expect(sample.time == 77 && sample.cgroup == 88)
    }

    @Test(arguments: [0, 1, 8, 100])
    func auxBytes(size: Int) throws {
        let aux = [UInt8](repeating: 0xaa, count: size)
        let record = RecordBytes(type: 9).u64(88).u64(UInt64(size)).raw(aux)
        let sample = try decodeSample(record, .of([.aux, .codePageSize]))
        #expect(Array(record.bytes[sample.aux]) == aux && sample.codePageSize == 88)
    }

    @Test func anEmptyCallchain() throws {
        let sample = try decodeSample(RecordBytes(type: 9).u64(0).u64(88), .of([.callchain, .cgroup]))
        #expect(sample.callchain.isEmpty && sample.cgroup == 88)
    }

    @Test func marksStayInTheCallchain() throws {
        // PERF_CONTEXT_KERNEL is -128, USER -512, USER_DEFERRED -640 with its cookie behind it.
        let kernel = UInt64(bitPattern: -128)
        let user = UInt64(bitPattern: -512)
        let deferred = UInt64(bitPattern: -640)
        let chain: [UInt64] = [kernel, 0xffff_ffff_8100_0000, user, 0x40_1000, 0x40_2000, deferred, 5]
        let record = RecordBytes(type: 9).u64(7).u64(chain).u64(88)
        let sample = try decodeSample(record, .of([.callchain, .cgroup]))
        #expect(record.bytes.words(sample.callchain) == chain && sample.cgroup == 88)
        #expect(CallchainContext.kernel == kernel && CallchainContext.user == user)
        #expect(CallchainContext.userDeferred == deferred)
        #expect(chain.map { $0 >= CallchainContext.first } == [true, false, true, false, false, true, false])
    }

    @Test func contextsAreThoseOfTheHeader() {
        #expect(CallchainContext.hypervisor == UInt64(bitPattern: -32))
        #expect(CallchainContext.guest == UInt64(bitPattern: -2048))
        #expect(CallchainContext.guestKernel == UInt64(bitPattern: -2176))
        #expect(CallchainContext.guestUser == UInt64(bitPattern: -2560))
        #expect(CallchainContext.first == UInt64(bitPattern: -4095))
    }
}
