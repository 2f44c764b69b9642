@testable import Capture
import Testing

@Suite struct RingPiecesTests {
    @Test(
        arguments: [
            (0, 0, 0..<0, 0..<0), (0, 10, 0..<10, 0..<0), (60, 64, 60..<64, 0..<0),
            // A record that begins 4 bytes before the ring's end goes on at its start.
            (60, 72, 60..<64, 0..<8), (64, 72, 0..<8, 0..<0),
            // Full: the tail's place is the head's.
            (60, 124, 60..<64, 0..<60), (0, 64, 0..<64, 0..<0),
        ] as [(UInt64, UInt64, Range<Int>, Range<Int>)])
    func pieces(tail: UInt64, head: UInt64, first: Range<Int>, second: Range<Int>) throws {
        let pieces = try #require(RingPieces(tail: tail, head: head, size: 64))
        #expect(pieces.first == first && pieces.second.count == second.count)
        if !second.isEmpty { #expect(pieces.second == second) }
        #expect(UInt64(pieces.count) == head - tail)
    }

    @Test func positionsThatWrap() throws {
        let pieces = try #require(RingPieces(tail: .max - 3, head: 4, size: 64))
        #expect(pieces.first == 60..<64 && pieces.second == 0..<4)
    }

    @Test func whatDoesNotGoTogether() {
        #expect(RingPieces(tail: 0, head: 65, size: 64) == nil)
        #expect(RingPieces(tail: 1, head: 0, size: 64) == nil)
        #expect(RingPieces(tail: 0, head: 1, size: 0) == nil)
        #expect(RingPieces(tail: 0, head: 1, size: 48) == nil)
    }
}
