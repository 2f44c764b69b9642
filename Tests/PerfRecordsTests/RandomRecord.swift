import PerfRecords

/// SplitMix64: small, and the same numbers for the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
    mutating func chance() -> Bool { Bool.random(using: &self) }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }

    /// Words of all magnitudes, not only huge ones.
    mutating func words(_ count: Int) -> [UInt64] { (0..<count).map { _ in next() >> UInt64(below(64)) } }

    /// A few bytes changed, words set to extremes, cut or lengthened.
    mutating func mutated(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        switch below(4) {
        case 0: bytes.removeLast(below(bytes.count + 1))
        case 1: bytes += self.bytes(below(32))
        case 2:
            let extremes: [UInt64] = [0, 1, .max, 1 << 63, 1 << 61, (1 << 61) + 1, UInt64(bytes.count), 0xffff]
            let value = extremes[below(extremes.count)]
            let start = 8 * below((bytes.count + 7) / 8)
            for index in 0..<8 where start + index < bytes.count {
                bytes[start + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
            }
        default:
            for _ in 0...below(4) { bytes[below(bytes.count)] = UInt8(below(256)) }
        }
        return bytes
    }
}

/// A record as a kernel could have written it, with the layout that says how to read it.
struct RandomRecord {
    var bytes: [UInt8]
    var layout: RecordLayout

    /// `fields`: those that a sample may have. `isSample`: it is one in any case.
    init(using random: inout SeededGenerator, fields: SampleType = .known, isSample: Bool = false) {
        var attributes = EventAttributes()
        // One bit in two, or few of them: both long and short samples.
        let mask = random.chance() ? UInt64.max : random.next() & random.next()
        attributes.sampleType = SampleType(rawValue: random.next() & mask & fields.rawValue)
        attributes.readFormat = ReadFormat(rawValue: random.next() & 31)
        attributes.branchSampleType = BranchSampleType(rawValue: random.next() & (1 << 17 | 1 << 19))
        attributes.sampleRegistersUser = random.words(1)[0]
        attributes.sampleRegistersInterrupt = random.words(1)[0] & random.next()
        attributes.flags = random.chance() ? EventFlags(rawValue: 1 << 18) : []
        layout = RecordLayout(attributes)

        // Types 23 to 63 are a newer kernel's, those from 64 on perf's.
        let type =
            isSample || random.chance() ? 9 : random.chance() ? UInt32(1 + random.below(22)) : UInt32(random.below(90))
        var record = RecordBytes(type: type, misc: UInt16(truncatingIfNeeded: random.next()))
        if type == 9 {
            record = Self.sample(record, attributes, &random)
        } else {
            record = Self.body(record, type, attributes.readFormat, &random)
            if type < 64, attributes.flags.rawValue != 0 {
                record = Self.trailer(record, attributes.sampleType.rawValue, &random)
            }
        }
        bytes = record.bytes
    }

    private static func sample(
        _ start: RecordBytes, _ attributes: EventAttributes, _ random: inout SeededGenerator
    ) -> RecordBytes {
        var record = start
        func has(_ bit: UInt64) -> Bool { attributes.sampleType.rawValue & (1 << bit) != 0 }
        func registers(_ mask: UInt64) {
            let abi = UInt64(random.below(3))
            record = record.u64(abi).u64(random.words(abi == 0 ? 0 : mask.nonzeroBitCount))
        }
        // IDENTIFIER, IP, TID, TIME, ADDR, ID, STREAM_ID, then CPU with its reserved half, PERIOD.
        for bit in [16, 0, 1, 2, 3, 6, 9] as [UInt64] where has(bit) { record = record.u64(random.words(1)) }
        if has(7) { record = record.u32(UInt32(random.below(512)), 0) }
        if has(8) { record = record.u64(random.words(1)) }
        if has(4) { record = readValues(record, attributes.readFormat, &random) }
        if has(5) {
            let count = random.below(8)
            record = record.u64(UInt64(count)).u64(random.words(count))
        }
        if has(10) {
            let size = random.below(40)
            record = record.u32(UInt32(size)).raw(random.bytes(size))
        }
        if has(11) {
            let count = random.below(4)
            let bits = attributes.branchSampleType.rawValue
            record = record.u64(UInt64(count)).u64(random.words(bits & 1 << 17 != 0 ? 1 : 0))
            record = record.u64(random.words(3 * count)).u64(random.words(bits & 1 << 19 != 0 ? count : 0))
        }
        if has(12) { registers(attributes.sampleRegistersUser) }
        if has(13) {
            let size = 8 * random.below(5)
            record = record.u64(UInt64(size)).raw(random.bytes(size))
            if size > 0 { record = record.u64(UInt64(random.below(size + 1))) }
        }
        // WEIGHT and WEIGHT_STRUCT share one word.
        if has(14) || has(24) { record = record.u64(random.words(1)) }
        for bit in [15, 17] as [UInt64] where has(bit) { record = record.u64(random.words(1)) }
        if has(18) { registers(attributes.sampleRegistersInterrupt) }
        for bit in [19, 21, 22, 23] as [UInt64] where has(bit) { record = record.u64(random.words(1)) }
        if has(20) {
            let size = 8 * random.below(5)
            record = record.u64(UInt64(size)).raw(random.bytes(size))
        }
        return record
    }

    private static func body(
        _ record: RecordBytes, _ type: UInt32, _ readFormat: ReadFormat, _ random: inout SeededGenerator
    ) -> RecordBytes {
        let name = String(repeating: "n", count: random.below(20))
        switch type {
        case 1: return record.u64(random.words(4)).text(name)
        case 3, 19: return record.u64(random.words(1)).text(name)
        case 8: return readValues(record.u64(random.words(1)), readFormat, &random)
        case 10:
            let isBuildID = record.bytes[5] & 0x40 != 0
            let size = random.below(21)
            let buildID = random.bytes(size) + [UInt8](repeating: 0, count: 20 - size)
            let start = record.u64(random.words(4))
            let identified = isBuildID ? start.u32(UInt32(size)).raw(buildID) : start.u64(random.words(3))
            return identified.u64(random.words(1)).text(name)
        case 16:
            let count = random.below(8)
            return record.u64(random.words(1)).u64(UInt64(count)).u64(random.words(2 * count))
        case 17: return record.u64(random.words(2)).text(name)
        case 20:
            let old = random.below(20)
            let new = random.below(20)
            let padding = (8 - (4 + old + new) % 8) % 8
            return record.u64(random.words(1)).u16(UInt16(old), UInt16(new)).raw(random.bytes(old + new))
                .raw([UInt8](repeating: 0, count: padding))
        case 22:
            let count = random.below(20)
            return record.u64(random.words(1)).u64(UInt64(count)).u64(random.words(count))
        case 14: return record
        case 12, 13, 15, 21: return record.u64(random.words(1))
        case 2, 18: return record.u64(random.words(2))
        case 4...7, 11: return record.u64(random.words(3))
        default: return record.raw(random.bytes(random.below(40)))
        }
    }

    private static func readValues(
        _ record: RecordBytes, _ format: ReadFormat, _ random: inout SeededGenerator
    ) -> RecordBytes {
        let count = format.rawValue & 8 != 0 ? random.below(4) : 1
        let counters = (0..<count).map { _ in
            ReadCounter(value: random.next(), id: random.next(), lost: random.next())
        }
        return record.readFormat(format, counters)
    }

    private static func trailer(
        _ start: RecordBytes, _ sampleType: UInt64, _ random: inout SeededGenerator
    ) -> RecordBytes {
        var record = start
        for bit in [1, 2, 6, 9, 7, 16] as [UInt64] where sampleType & (1 << bit) != 0 {
            record = bit == 7 ? record.u32(UInt32(random.below(512)), 0) : record.u64(random.words(1))
        }
        return record
    }
}
