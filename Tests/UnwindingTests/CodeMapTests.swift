import TestSupport
import Testing
import Unwinding

@Suite struct CodeMapTests {
    private static func mapping(_ range: Range<UInt64>, _ image: Int32) -> CodeMap.Mapping {
        .init(start: range.lowerBound, end: range.upperBound, bias: 0, image: image)
    }

    private static func ranges(_ map: CodeMap) -> [String] { map.mappings.map { "\($0.start)-\($0.end):\($0.image)" } }

    /// As `cat /proc/self/maps` shows it after mmap(2) with MAP_FIXED, and munmap(2).
    @Test func newMappingsTakeThePlaceOfOldOnes() {
        var map = CodeMap([Self.mapping(10..<30, 1), Self.mapping(40..<50, 2)])
        map.map(Self.mapping(20..<45, 3))
        #expect(Self.ranges(map) == ["10-20:1", "20-45:3", "45-50:2"])
        map.map(Self.mapping(12..<14, 4))
        #expect(Self.ranges(map) == ["10-12:1", "12-14:4", "14-20:1", "20-45:3", "45-50:2"])
        map.unmap(11..<46)
        #expect(Self.ranges(map) == ["10-11:1", "46-50:2"])
        map.map(Self.mapping(0..<100, 5))
        #expect(Self.ranges(map) == ["0-100:5"])
        map.map(Self.mapping(7..<7, 6))
        map.unmap(100..<200)
        #expect(Self.ranges(map) == ["0-100:5"])
        map.unmap(0..<UInt64.max)
        #expect(map.mappings.isEmpty && map.mapping(containing: 0) == nil)
    }

    /// Beside a table with an entry for each address.
    @Test func everyAddressHasTheLastMapping() {
        var random = Xorshift(seed: RandomSeed.ofThisRun)
        for _ in 0..<200 {
            var map = CodeMap([])
            var table = [Int32?](repeating: nil, count: 64)
            for image in Int32(0)..<12 {
                let start = Int.random(in: 0..<60, using: &random)
                let range = start..<Int.random(in: start..<64, using: &random)
                if Bool.random(using: &random) {
                    map.map(Self.mapping(UInt64(range.lowerBound)..<UInt64(range.upperBound), image))
                    for address in range { table[address] = image }
                } else {
                    map.unmap(UInt64(range.lowerBound)..<UInt64(range.upperBound))
                    for address in range { table[address] = nil }
                }
            }
            for address in table.indices { #expect(map.mapping(containing: UInt64(address))?.image == table[address]) }
            #expect(zip(map.mappings, map.mappings.dropFirst()).allSatisfy { $0.end <= $1.start })
        }
    }
}
