@testable import Symbolication
import TestSupport
import Testing

/// A cache that begins small and grows, and may forget, but never takes one entry for another.
@Suite struct FrameCacheTests {
    @Test(arguments: [RandomSeed.ofThisRun])
    func anEntryIsNeverAnother(seed: UInt64) {
        var random = Xorshift(seed: seed)
        var cache = FrameCache(bits: 12)
        var frames: [[UInt64]: UInt32] = [:]
        var found = 0
        for number in 0..<50_000 as Range<UInt32> {
            let image = UInt32(random.next(below: 4))
            let offset = UInt64(random.next(below: 2000)) * 16
            if let frame = cache.frame(image: image, offset: offset) {
                found += 1
                guard frame == frames[[UInt64(image), offset]] else {
                    Issue.record("an entry is taken for another")
                    return
                }
            } else {
                cache.insert(number, image: image, offset: offset)
                frames[[UInt64(image), offset]] = number
            }
        }
        // As many entries as there are keys: by now it has grown to its full size.
        #expect(found > 10_000)
    }

    /// What was there before it grew is still there.
    @Test func growingKeepsEntries() {
        var cache = FrameCache(bits: 14)
        for offset in 0..<129 as Range<UInt64> { cache.insert(UInt32(offset), image: 1, offset: offset << 12) }
        let kept = (0..<129 as Range<UInt64>).count { cache.frame(image: 1, offset: $0 << 12) == UInt32($0) }
        #expect(kept > 90)
    }

    @Test func aClearedCacheHasNothing() {
        var cache = FrameCache()
        for offset in 0..<1000 as Range<UInt64> { cache.insert(1, image: 1, offset: offset) }
        cache.clear()
        #expect((0..<1000 as Range<UInt64>).allSatisfy { cache.frame(image: 1, offset: $0) == nil })
        cache.insert(2, image: 1, offset: 3)
        #expect(cache.frame(image: 1, offset: 3) == 2)
    }
}
