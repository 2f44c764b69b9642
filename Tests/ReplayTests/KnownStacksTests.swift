import ByteAccess
import PerfRecords
@testable import Profiles
@testable import Replay
import TestSupport
import Testing

@Suite struct KnownStacksTests {
    private static let kernel: UInt64 = 0 &- 128
    private static let user: UInt64 = 0 &- 512

    private func bytes(_ words: [UInt64]) -> [UInt8] {
        var bytes: [UInt8] = []
        for word in words { bytes.store(word) }
        return bytes
    }

    private func key(_ bytes: [UInt8]) -> KnownStacks.Key? { KnownStacks.key(bytes.span.bytes, 0..<bytes.count) }

    private func hasKey(_ words: [UInt64]) -> Bool { key(bytes(words)) != nil }

    @Test func onlyPlainChainsHaveAKey() {
        #expect(hasKey([Self.user, 1, 2]))
        #expect(hasKey([Self.kernel, 1, Self.user, 2]))
        #expect(hasKey([Self.kernel, 1, 2]))
        #expect(!hasKey([]) && !hasKey([Self.user]) && !hasKey([Self.user, 1]))
        // Without a mark, with one too many, one of a guest, and one where the innermost frame should be.
        #expect(!hasKey([1, 2, 3]) && !hasKey([Self.user, 1, Self.kernel, 2]) && !hasKey([Self.user, 1, 0 &- 2048]))
        #expect(!hasKey([Self.kernel, Self.user, 1]) && !hasKey([Self.kernel, 1, Self.user, 2, Self.user, 3]))
        // Deeper than perf shows.
        #expect(!hasKey([Self.user] + (1...127)))
    }

    /// More stacks than are kept: one is either forgotten or where it was put.
    @Test(arguments: [RandomSeed.ofThisRun])
    func aStackIsNeverAnother(seed: UInt64) throws {
        var random = Xorshift(seed: seed)
        var known = KnownStacks()
        var expected: [[UInt64]: Int32] = [:]
        var found = 0
        for number in 1...100_000 {
            // Few distinct words, so that stacks are alike.
            let isAgain = random.next(below: 2) == 0
            let count = random.next(below: 8) + 2
            var words = [random.next(below: 2) == 0 ? Self.kernel : Self.user, 7]
            for _ in 2...count { words.append(UInt64(random.next(below: isAgain ? 3 : 12))) }
            let state = UInt32(random.next(below: 3))
            let context = KnownStacks.Context(root: 1, state: state, epoch: 0, unwindEnd: 0)
            let bytes = bytes(words)
            let key = try #require(self.key(bytes))
            let name = words + [UInt64(state)]
            if let slot = known.slot(of: key, context, in: bytes.span.bytes) {
                found += 1
                guard known[slot].node == expected[name] else {
                    Issue.record("a stack is taken for another")
                    return
                }
            } else {
                let place = KnownStacks.Place(node: Int32(number), isTruncated: false)
                known.insert(place, for: key, context, in: bytes.span.bytes)
                expected[name] = Int32(number)
            }
        }
        #expect(found > 1000)
    }

    @Test func aLeafIsOfItsInnermostFrame() throws {
        var known = KnownStacks()
        let context = KnownStacks.Context(root: 1, state: 2, epoch: 3, unwindEnd: 0)
        let first = bytes([Self.user, 10, 20])
        let second = bytes([Self.user, 11, 20])
        let firstKey = try #require(key(first))
        let secondKey = try #require(key(second))
        known.insert(KnownStacks.Place(node: 5, isTruncated: false), for: firstKey, context, in: first.span.bytes)
        let found = known.slot(of: secondKey, context, in: second.span.bytes)
        let slot = try #require(found)
        #expect(known.leaf(at: slot, of: secondKey) == nil)
        known.setLeaf(6, at: slot, of: secondKey)
        #expect(known.leaf(at: slot, of: secondKey) == 6)
        #expect(known.leaf(at: slot, of: firstKey) == nil)
        var other = context
        other.epoch = 4
        let gone = known.slot(of: firstKey, other, in: first.span.bytes)
        #expect(gone == nil)
    }
}
