import Testing

@testable import Comparison

@Suite struct StatisticsTests {
    @Test func holm() {
        #expect(HolmCorrection.adjusted([0.01, 0.04, 0.03]) == [0.03, 0.06, 0.06])
    }
}
