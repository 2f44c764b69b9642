import Session
import TestSupport
import Testing

@Suite struct SessionIDTests {
    /// The example of RFC 9562, appendix A.6, has this time; what is random there is zero here.
    @Test func theTimeIsInFrontAndVersionAndVariantAreSet() {
        struct Zeros: RandomNumberGenerator { mutating func next() -> UInt64 { 0 } }
        struct Ones: RandomNumberGenerator { mutating func next() -> UInt64 { .max } }
        var (zeros, ones) = (Zeros(), Ones())
        let time: UInt64 = 0x017F_22E2_79B0 * 1_000_000 + 999_999
        #expect(SessionID(time: time, using: &zeros).text == "017f22e2-79b0-7000-8000-000000000000")
        #expect(SessionID(time: time, using: &ones).text == "017f22e2-79b0-7fff-bfff-ffffffffffff")
    }

    @Test func twoOfOneMomentDiffer() {
        var random = Xorshift()
        #expect(SessionID(time: 5, using: &random) != SessionID(time: 5, using: &random))
    }

    /// They sort by when they were made.
    @Test func laterOnesComeLater() {
        var random = Xorshift()
        let ids = (0..<50).map { SessionID(time: UInt64($0) * 1_000_000_000, using: &random).text }
        #expect(ids == ids.sorted())
    }
}
