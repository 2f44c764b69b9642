import ByteAccess
import PerfRecords
import TestSupport
import Testing
@testable import Unwinding

/// Code in windows: what is seen through them is what is there, wherever one ends.
@Suite struct ImageCodeTests {
    @Test func windowsShowTheBytesAround() throws {
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        var parts: [(address: UInt64, bytes: [UInt8])] = []
        for (address, size) in [(0x1000, 5000), (0x2400, 70), (0x3000, 1), (0x40_0123, 600_000)] as [(UInt64, Int)] {
            parts.append((address, (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next(below: 256)) }))
        }
        var code = ImageCode(parts.reversed().map { UnwindSections.Code(address: $0.address, bytes: $0.bytes) })
        for _ in 0..<20_000 {
            let part = parts[random.next(below: parts.count)]
            let offset = random.next(below: part.bytes.count)
            let address = part.address + UInt64(offset)
            let found = code.window(around: address)
            let window = try #require(found, "seed \(seed)")
            // An instruction before the address, and one behind it.
            for distance in -16..<16 where part.bytes.indices.contains(offset + distance) {
                let byte = window.bytes.load(UInt8.self, at: window.offset(of: address) + distance)
                #expect(byte == part.bytes[offset + distance], "seed \(seed)")
            }
            #expect(code.contains(address))
        }
        let outside: [UInt64] = [
            0, 0xFFF, 0x1000 + 5000, 0x2400 + 70, 0x3001, 0x40_0122, 0x40_0123 + 600_000, .max,
        ]
        for address in outside {
            let window = code.window(around: address)
            #expect(window == nil && !code.contains(address), "\(address)")
        }
    }

    /// A reader that gives less than the segment has, or nothing: there are no bytes, and the answer stays that.
    @Test func aReaderWithoutBytes() {
        for given in [0, 10] {
            var code = ImageCode([.init(address: 0x1000, size: .max) { _, _ in [UInt8](repeating: 0xE8, count: given) }]
            )
            let first = code.window(around: 0x1000 + 9)
            #expect((first != nil) == (given == 10))
            for address in [0x1000 + 10, 0x9000, .max] as [UInt64] {
                let window = code.window(around: address)
                #expect(window == nil)
            }
        }
    }

    /// Windows that are known are not read again, and no more are kept than there may be.
    @Test func readsAreFew() {
        let counter = Counter()
        var code = ImageCode([
            .init(address: 0, size: 1 << 30) { _, count in
                counter.reads += 1
                return [UInt8](repeating: 0, count: count)
            }
        ])
        for _ in 0..<100 { for page in 0..<10 as Range<UInt64> { _ = code.window(around: page << 12 | 5) } }
        #expect(counter.reads == 10)
        for page in 0..<1000 as Range<UInt64> { _ = code.window(around: page << 12) }
        #expect(counter.reads <= 1010)
    }

    private final class Counter: @unchecked Sendable { var reads = 0 }
}
