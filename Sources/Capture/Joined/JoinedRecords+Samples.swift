import ByteAccess
import PerfData
import PerfRecords
import Session

/// Samples of our own events, with the fields of joined.bpf.h.
extension JoinedRecords {
    mutating func addFailed(_ record: borrowing RawSpan) {
        // The path's place is a fixed one, and its length in the upper half.
        let fixed = fixedEnds[JoinedEvent.execFailed.rawValue]
        let length = Int((record.load(UInt32.self, at: fixed - 8) ?? 0) >> 16)
        add(.execFailed, record, raw: Head.ran..<min(record.byteCount, fixed + length))
    }

    private static let registersStart = 120
    private static let stackStart = 392
    /// From a sample's start: its header and fields, an empty callchain, the size of the raw bytes, and those before.
    private static let unusedStart = 48 + 8 + 4 + JoinedEvent.commonSize + 84 - Head.ran
    /// The most bytes of stack in a sample: a record has no more than 64 KiB.
    static let mostStack = 60 << 10

    mutating func addSpawn(_ record: borrowing RawSpan) {
        let fixed = fixedEnds[JoinedEvent.spawn.rawValue]
        let size = Int(record.load(UInt32.self, at: 84) ?? 0)
        groups.meet(record, at: Self.registersStart - 16)
        let all = record.clamped(Self.stackStart..<Self.stackStart + (keepsStacks ? size : 0))
        guard hasStacks else { return addSpawn(record, callers: all) }
        let skipped = UInt64(record.load(UInt32.self, at: Self.registersStart - 8) ?? 0)
        let outer = all.suffix(skipped > 0 ? Int(record.load(UInt32.self, at: Self.registersStart - 4) ?? 0) : 0)
        let inner = all.lowerBound..<outer.lowerBound
        let stack = inner.prefix(Self.mostStack)
        addRest(record, stack.upperBound..<inner.upperBound)
        addRest(record, outer, skipped: skipped)
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
        let parent = record.load(Int32.self, at: Head.pid) ?? 0
        let thread = record.load(Int32.self, at: Head.tid) ?? 0
        addTask(.fork, record, pid: child, parent: parent, tid: child, parentTID: thread)
        // A child has the name of the thread that created it.
        comms[child] = comms[thread]
    }

    /// What of a stack does not fit into the sample of its creation, or lies above `skipped` bytes that are left out.
    private mutating func addRest(_ record: borrowing RawSpan, _ rest: Range<Int>, skipped: UInt64 = 0) {
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
            bytes.store(pointer &+ UInt64(first - Self.stackStart) &+ skipped)
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

    mutating func addExec(_ record: borrowing RawSpan) {
        let fixed = 120
        guard let pid = record.load(Int32.self, at: Head.pid), let place = record.load(UInt32.self, at: 84),
            let file = record.load(UInt64.self, at: 104)
        else { return }
        groups.meet(record, at: 112)
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
        bytes.append(record, in: 112..<fixed)
        bytes.append(record, in: path)
        if !name.isEmpty {
            bytes += name
            bytes.append(0)
        }
        pad(from: rawStart)
        end(start)
    }

    mutating func add(_ event: JoinedEvent, _ record: borrowing RawSpan, raw: Range<Int>) {
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

    mutating func end(_ start: Int) {
        bytes.store(UInt16(truncatingIfNeeded: bytes.count - start), at: start + 6)
    }
}
