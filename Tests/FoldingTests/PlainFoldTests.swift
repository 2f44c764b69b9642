import ByteAccess
@testable import Folding
import PerfRecords
@testable import Profiles
import TestSupport
import Testing

/// Samples with nothing behind their callchain are read a shorter way, and stacks that come again are not looked up again. What comes of it
/// is what comes of the same samples with a word behind them, which go the long way.
@Suite struct PlainFoldTests {
    private static let pids: [Int32] = [2_147_000_060, 2_147_000_061, 2_147_000_062]
    private static let kernel: UInt64 = 0xffff_ffff_8100_0000
    private static let comms = ["app", "a", "two words", "java", "worker 7", "x y 12"]

    /// A session gives the same lines either way.
    private struct Pair {
        var plain = HandmadeSession(tracepoints: []) { $0.sampleType.insert(.period) }
        var whole = HandmadeSession(tracepoints: []) { $0.sampleType.insert([.period, .weight]) }

        mutating func both(_ change: (inout HandmadeSession) -> Void) {
            change(&plain)
            change(&whole)
        }

        mutating func sample(_ pid: Int32, _ stack: [UInt64], period: UInt64, isKernel: Bool) {
            var (field, behind): ([UInt8], [UInt8]) = ([], [])
            field.store(period)
            behind.store(UInt64(0))
            plain.sample(pid, stack: stack, fields: field, misc: isKernel ? 1 : 2)
            whole.sample(pid, stack: stack, fields: field, behind: behind, misc: isKernel ? 1 : 2)
        }
    }

    private func stack(_ random: inout Xorshift, _ code: NamedCode) -> [UInt64] {
        func user(_ random: inout Xorshift) -> UInt64 {
            switch random.next(below: 8) {
            case 0: 0x40_0000 + UInt64(random.next(below: 3))
            case 1: UInt64(random.next(below: 2)) * 0x10
            default: code.start + UInt64(random.next(below: 6)) * 8
            }
        }
        var stack: [UInt64] = []
        if random.next(below: 2) == 0 {
            stack.append(0 &- 128)
            for _ in 0..<random.next(below: 5) { stack.append(Self.kernel + UInt64(random.next(below: 4)) * 128) }
        }
        if random.next(below: 4) > 0 {
            stack.append(0 &- 512)
            for _ in 0..<random.next(below: random.next(below: 20) == 0 ? 200 : 6) { stack.append(user(&random)) }
        }
        switch random.next(below: 30) {
        case 0: stack.append(0 &- 2048)
        case 1: stack.insert(0 &- 32, at: 0)
        case 2: if !stack.isEmpty { stack.removeFirst() }
        default: break
        }
        return stack
    }

    private func pair(_ random: inout Xorshift, _ codes: [NamedCode]) -> Pair {
        var pair = Pair()
        var stacks: [[UInt64]] = []
        for _ in 0..<300 {
            let place = random.next(below: codes.count)
            let (pid, code) = (Self.pids[place], codes[place])
            switch random.next(below: 40) {
            case 0: pair.both { $0.map(pid, "//anon", at: code.start) }
            case 1:
                let start = code.start + UInt64(random.next(below: 2)) * 0x1000
                pair.both { $0.map(pid, "/nonexistent/app", at: start) }
            case 2:
                let comm = Self.comms[random.next(below: Self.comms.count)]
                let isExec = random.next(below: 3) == 0
                pair.both { $0.comm(pid, comm, isExec: isExec) }
            case 3:
                let parent = Self.pids[random.next(below: codes.count)]
                pair.both { $0.fork(parent, pid) }
            case 4: pair.both { $0.taskExit(pid) }
            case 5:
                let start = Self.kernel + UInt64(random.next(below: 4)) * 128
                pair.both { $0.kernelFunction("bpf_prog_\(start % 512)", at: start) }
            default:
                if stacks.isEmpty || random.next(below: 3) == 0 { stacks.append(stack(&random, code)) }
                var stack = stacks[random.next(below: stacks.count)]
                if stack.count > 1, random.next(below: 2) == 0 {
                    stack[1] = code.start + UInt64(random.next(below: 48))
                }
                let period = UInt64(random.next(below: 5))
                pair.sample(pid, stack, period: period, isKernel: stack.first == 0 &- 128)
            }
        }
        return pair
    }

    @Test(arguments: [RandomSeed.ofThisRun])
    func theShortWayLeadsWhereTheLongOneDoes(seed: UInt64) throws {
        var random = Xorshift(seed: seed)
        let codes = Self.pids.map { NamedCode(process: $0, "_start", "main", "work", "Lorg/pkg/Class;run") }
        for _ in 0..<60 {
            let pair = pair(&random, codes)
            for usesPerfNames in [true, false] {
                for weight in [Weight.period, .samples] {
                    let plain = try pair.plain.fold(event: "cpu-clock", usesPerfNames: usesPerfNames, weight: weight)
                    let whole = try pair.whole.fold(event: "cpu-clock", usesPerfNames: usesPerfNames, weight: weight)
                    #expect(plain == whole)
                    // In two passes, too, each with a share of the samples.
                    #expect(
                        try pair.plain.fold(
                            event: "cpu-clock", usesPerfNames: usesPerfNames, weight: weight, passes: 2) == plain)
                }
            }
        }
    }
}
