import Testing

@testable import Presentation

@Suite struct NearestNameTests {
    private let names = ["record", "report", "fold", "flamegraph", "compare", "budget"]

    @Test(arguments: [
        ("recrod", "record"), ("RECORD", "record"), ("reord", "record"), ("flamegrph", "flamegraph"), ("flod", "fold"),
        ("budgets", "budget"), ("repport", "report"),
    ])
    func near(typed: String, meant: String) {
        #expect(NearestName.of(typed, among: names) == meant)
        #expect(NearestName.question(typed, among: names) == " (did you mean '\(meant)'?)")
    }

    @Test func farOrWithoutEnd() {
        for typed in ["", "ls", "make", "xx", "stop", String(repeating: "record", count: 30)] {
            #expect(NearestName.of(typed, among: names) == nil, "\(typed)")
        }
        #expect(NearestName.of("record", among: [String(repeating: "r", count: 1_000_000)]) == nil)
        #expect(NearestName.of("a", among: ["", "ab"]) == "ab" && NearestName.question("ls", among: names) == "")
    }
}
