@testable import Folding
import PerfData
import PerfRecords
import TestSupport
import Testing

/// Which events of a file a name means.
@Suite struct EventChoiceTests {
    private static func fold(_ wanted: String, _ events: [(name: String?, flags: EventFlags)]) throws -> [String] {
        var session = HandmadeSession(tracepoints: [])
        for (index, event) in events.enumerated() {
            var attributes = EventAttributes()
            attributes.sampleType = [.identifier, .instructionPointer, .threadID, .time, .callchain]
            attributes.flags = event.flags.union(.sampleIDAll)
            attributes.samplePeriod = UInt64(index + 1)
            session.addEvent(event.name ?? attributes.conventionalName, id: UInt64(index + 1), attributes)
            session.sample(5, stack: [], id: UInt64(index + 1))
        }
        return try session.fold(event: wanted)
    }

    private static let user: EventFlags = [.excludeKernel, .excludeHypervisor]
    private static let kernel: EventFlags = [.excludeUser, .excludeHypervisor]

    /// perf 6.1 prints `cycles:HG` where newer ones print `cycles`, and both are taken.
    @Test(
        arguments: [
            ("cycles:HG", [(nil, [])], 1), ("cycles:GH", [(nil, [])], 1), ("cycles", [(nil, [])], 1),
            ("cycles:kuH", [(nil, [.excludeHypervisor, .excludeGuest])], 1),
            ("cycles:uHk", [(nil, [.excludeHypervisor, .excludeGuest])], 1),
            ("cycles:u", [(nil, kernel), (nil, user)], 2), ("cycles:k", [(nil, kernel), (nil, user)], 1),
            // The name itself comes before what it may mean elsewhere.
            ("cycles:HG", [(nil, []), ("cycles:HG", user)], 2),
            // Without modifiers all of them are meant.
            ("cycles", [(nil, kernel), (nil, user)], 3), ("cycles", [("cycles", kernel), (nil, user)], 1),
        ] as [(String, [(String?, EventFlags)], UInt64)])
    func names(wanted: String, events: [(String?, EventFlags)], weight: UInt64) throws {
        #expect(try Self.fold(wanted, events) == [":5 \(weight)"])
    }

    /// Modifiers that no event has.
    @Test(arguments: ["cycles:k", "cycles:HG", "cycles:uh", "instructions", "cycles:", ":u", ""])
    func othersAreNotThere(wanted: String) throws {
        #expect(throws: EventFoldError.self) { try Self.fold(wanted, [(nil, Self.user)]) }
    }
}
