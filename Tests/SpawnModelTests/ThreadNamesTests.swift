import Testing

@testable import SpawnModel

@Suite struct ThreadNamesTests {
    @Test func aChildHasItsCreatorsNameUntilItIsRenamed() {
        var names = ThreadNames()
        names.rename(1, to: "make")
        names.fork(parent: 1, child: 2)
        #expect(names[2] == "make")
        names.rename(2, to: "cc")
        #expect(names[1] == "make" && names[2] == "cc" && names[0] == "swapper" && names[3] == nil)
    }

    /// Events of a thread's end may come behind its EXIT record.
    @Test func anEndedThreadIsRememberedForAWhile() {
        var names = ThreadNames()
        names.rename(1, to: "make")
        for child in Int32(2)...Int32(ThreadNames.remembered + 1) {
            names.fork(parent: 1, child: child)
            names.exit(child)
        }
        #expect(names[2] == "make")
        names.fork(parent: 1, child: 1_000_000)
        names.exit(1_000_000)
        #expect(names[2] == nil && names[3] == "make" && names[1] == "make")
    }

    /// Neither a new thread of the number, nor its second end, is forgotten with the first.
    @Test func aNumberThatIsUsedAgainIsAnothers() {
        var names = ThreadNames()
        names.rename(5, to: "old")
        names.exit(5)
        names.rename(5, to: "new")
        func fill(_ count: Int) {
            for child in Int32(100)..<Int32(100 + count) {
                names.rename(child, to: "x")
                names.exit(child)
            }
        }
        fill(ThreadNames.remembered)
        #expect(names[5] == "new")
        names.exit(5)
        fill(ThreadNames.remembered - 1)
        #expect(names[5] == "new")
        fill(1)
        #expect(names[5] == nil)
    }
}
