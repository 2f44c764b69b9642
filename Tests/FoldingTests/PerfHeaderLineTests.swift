@testable import Folding
import Testing

@Suite struct PerfHeaderLineTests {
    /// Comms set with prctl(2) on a program of five-digit pid, folded by `perf script | stackcollapse-perf.pl` (perf 6.1).
    @Test(
        arguments: [
            ("make", "make"), ("ab 12", "ab"), ("ab 12 cd", "ab"), ("a b", "a_b"), ("trail ", "trail"),
            ("x 1y 2 z", "x_1y"),
            ("a/1 b", "a/1_b"), ("x  7", "x_"), ("7 7 7", "7_7"), ("é", "é"), (" lead", nil), ("", nil),
            ("X", "X_25926__3078.004988:"), ("9", "9_25926__3078.004988:"),
        ] as [(String, String?)])
    func commAsTheScriptReadsIt(comm: String, expected: String?) {
        let line = PerfHeaderLine(
            comm: comm, thread: 25926, cpu: nil, time: 3_078_004_988_123, period: 500_000, event: "cpu-clock:u")
        #expect(line.foldedComm == expected)
        if PerfHeaderLine.isPlain(comm, thread: 25926) { #expect(expected == comm) }
    }

    @Test func aShortThreadNumberLeavesABlankBehindOneLetter() {
        let line = PerfHeaderLine(comm: "X", thread: 12, cpu: 1, time: 5, period: 1, event: "cycles")
        #expect(line.foldedComm == "X_")
    }

    @Test func aThreadThatIsGoneHasNoNumber() {
        let line = PerfHeaderLine(comm: ":-1", thread: -1, cpu: 1, time: 5, period: nil, event: "sched:sched_switch")
        #expect(line.foldedComm == nil)
    }
}
