import ByteAccess
import Testing
import Unwinding

@testable import Symbolication

/// The pieces of a stack that come before the sample that they belong to.
@Suite struct StackRestTests {
    private static let record: [UInt8] = Array(0..<32)

    private func rest(_ pieces: [(address: UInt64, bytes: Range<Int>)]) -> StackRest {
        var rest = StackRest()
        for piece in pieces {
            rest.append(of: 7, at: 100, address: piece.address, piece.bytes, in: Self.record.span.bytes)
        }
        return rest
    }

    @Test func piecesThatFollowOneAnother() throws {
        let all = rest([(0x1010, 0..<8), (0x1018, 8..<24)])
        let found = try #require(all.bytes(of: 7, at: 100, above: 16, from: 0x1000))
        #expect(found.bytes == Array(0..<24) && found.gap == nil)
        #expect(all.bytes(of: 8, at: 100, above: 16, from: 0x1000) == nil)
        #expect(all.bytes(of: 7, at: 101, above: 16, from: 0x1000) == nil)
    }

    @Test func aGapBeforeThem() throws {
        let found = try #require(rest([(0x2000, 0..<8)]).bytes(of: 7, at: 100, above: 16, from: 0x1000))
        #expect(found.bytes == Array(0..<8) && found.gap == StackGap(offset: 16, size: 0xff0))
    }

    @Test func aGapBetweenThem() throws {
        let all = rest([(0x1010, 0..<8), (0x2000, 8..<16), (0x2008, 16..<24)])
        let found = try #require(all.bytes(of: 7, at: 100, above: 16, from: 0x1000))
        #expect(found.bytes == Array(0..<24) && found.gap == StackGap(offset: 24, size: 0xfe8))
    }

    /// What no recorder writes: a second gap, one that is as long as no stack, and pieces that go back.
    @Test func othersAreLeftOut() throws {
        let second = rest([(0x1010, 0..<8), (0x2000, 8..<16), (0x3000, 16..<24)])
        #expect(second.bytes(of: 7, at: 100, above: 16, from: 0x1000)?.bytes.count == 16)
        #expect(second.bytes(of: 7, at: 100, above: 8, from: 0x1000) == nil)
        #expect(
            rest([(0x1010, 0..<8), (0x1000, 8..<16)]).bytes(of: 7, at: 100, above: 16, from: 0x1000)?.bytes.count == 8)
        #expect(rest([(0x10, 0..<8)]).bytes(of: 7, at: 100, above: 16, from: 0x1000) == nil)
        #expect(
            rest([(.max - 3, 0..<8), (4, 8..<16)]).bytes(of: 7, at: 100, above: 0, from: .max - 3)?.bytes.count == 16)
    }
}
