import TestSupport
import Testing

@testable import ELFImages

@Suite struct RedBlackTreeTests {
    /// Random insertions and erasures: the living keys come out in order, none lost, whatever was rotated.
    @Test func keepsKeysInOrder() {
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        for _ in 0..<200 {
            let keys = (0..<Int.random(in: 1...80, using: &random)).map { _ in
                UInt64.random(in: 0...60, using: &random) * 2
            }
            var tree = RedBlackTree(keys: keys)
            var living: [Int] = []
            for number in keys.indices {
                tree.insert(number)
                living.append(number)
                if Int.random(in: 0...2, using: &random) == 0, let index = living.indices.randomElement(using: &random)
                {
                    tree.erase(living.remove(at: index))
                }
            }
            // Ranges of one key each hide only equal keys, of which the first that the search meets stays.
            var seen: [UInt64] = []
            tree.forEachReachableRange(ends: keys.map { $0 + 1 }) { number, range in
                #expect(range == keys[number]..<(keys[number] + 1))
                seen.append(keys[number])
            }
            #expect(seen == Set(living.map { keys[$0] }).sorted(), "seed \(seed)")
        }
    }

    /// Ascending keys, the worst case of an unbalanced tree, must not make the search deep.
    @Test func ascendingKeysStayShallow() {
        let keys = (0..<200_000).map(UInt64.init)
        var tree = RedBlackTree(keys: keys)
        for number in keys.indices { tree.insert(number) }
        var count = 0
        tree.forEachReachableRange(ends: keys.map { $0 + 1 }) { _, _ in count += 1 }
        #expect(count == keys.count)
    }
}
