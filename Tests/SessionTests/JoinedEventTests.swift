import PerfRecords
import Session
import Testing

@Suite struct JoinedEventTests {
    /// Readers find fields by the format: it must be one, and its fields must lie one behind the other.
    @Test(arguments: JoinedEvent.allCases) func formatDescribesEveryByte(event: JoinedEvent) throws {
        let format = try #require(TracepointFormat(system: JoinedEvent.system, text: event.format))
        #expect(format.qualifiedName == event.qualifiedName)
        #expect(format.id == event.id)
        #expect(JoinedEvent(qualifiedName: format.qualifiedName) == event)
        var end = 0
        for field in format.fields {
            #expect(field.place.offset == end, "\(field.name)")
            end += field.place.size
        }
        #expect(end == event.size)
        #expect(event.size % 8 == 0)
        #expect(format.fields.map(\.name).prefix(5).last == "ran")
    }

    @Test func numbersAreDistinctAndFitATracepointsType() {
        #expect(Set(JoinedEvent.allCases.map(\.id)).count == JoinedEvent.allCases.count)
        #expect(JoinedEvent.allCases.allSatisfy { UInt16(exactly: $0.id) != nil })
        #expect(JoinedEvent(qualifiedName: "spawnscope:failed_exec") == nil)
    }
}
