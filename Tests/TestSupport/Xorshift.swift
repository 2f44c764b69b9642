/// A generator whose whole state is its seed, so that a failure can be had again.
public struct Xorshift: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64 = RandomSeed.ofThisRun) { state = seed | 1 }

    public mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    public mutating func next(below bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

    /// A number where arithmetic goes wrong.
    public mutating func extreme() -> UInt64 {
        let edges: [UInt64] = [0, 1, 7, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, .max, .max - 7, 1 << 63, 1 << 62]
        return edges[next(below: edges.count)]
    }
}
