import ByteAccess
@testable import PerfData
import PerfRecords
import Profiles
@testable import Replay
@testable import Symbolication
import Testing

@Suite struct AskedStacksTests {
    private static let kernel: UInt64 = 0 &- 128
    private static let user: UInt64 = 0 &- 512

    private let symbolizer = Symbolizer(style: .best)
    private let shape = EventShape(
        RecordedEvent(attributes: EventAttributes(), ids: [1], name: "task:task_newtask", formats: [:]))

    private func wasAsked(
        _ words: [UInt64], process: Int32, _ asked: inout AskedStacks, _ stacks: inout StackReader
    ) -> Bool {
        var bytes: [UInt8] = []
        for word in words { bytes.store(word) }
        var sample = Sample()
        sample.fields = [.callchain, .threadID]
        sample.pid = process
        sample.callchain = 0..<bytes.count
        return asked.wereRead(bytes.span.bytes, sample, shape, by: &stacks)
    }

    /// Asked for once by every innermost frame, by every callers and in all maps, and not again.
    @Test func aStackIsAskedForOnceInTheSameMaps() {
        var asked = AskedStacks()
        var stacks = StackReader(symbolizer, StackOptions(style: .best, isPacked: false))
        symbolizer.map(
            process: 7, start: 0x1000, length: 0x1000, fileOffset: 0, path: "/none/a", buildID: nil, isExecutable: true)
        let stack = [Self.user, 0x1001, 0x1002]
        #expect(!wasAsked(stack, process: 7, &asked, &stacks))
        #expect(wasAsked(stack, process: 7, &asked, &stacks))
        #expect(!wasAsked([Self.user, 0x1005, 0x1002], process: 7, &asked, &stacks))
        #expect(!wasAsked([Self.user, 0x1001, 0x1003], process: 7, &asked, &stacks))
        #expect(!wasAsked([Self.kernel, 0x1001, 0x1002], process: 7, &asked, &stacks))
        // A fork has its parent's maps until it maps something itself.
        stacks.settle()
        symbolizer.fork(parent: 7, child: 8)
        #expect(wasAsked([Self.user, 0x1001, 0x1003], process: 8, &asked, &stacks))
        stacks.settle()
        symbolizer.map(
            process: 8, start: 0x1000, length: 0x1000, fileOffset: 0, path: "/none/b", buildID: nil, isExecutable: true)
        #expect(!wasAsked([Self.user, 0x1001, 0x1003], process: 8, &asked, &stacks))
        #expect(wasAsked([Self.user, 0x1001, 0x1003], process: 7, &asked, &stacks))
    }

    /// Looking whether a chain was asked for does not ask for it.
    @Test func lookingIsNotAsking() {
        var asked = AskedStacks()
        var stacks = StackReader(symbolizer, StackOptions(style: .best, isPacked: false))
        var bytes: [UInt8] = []
        for word in [Self.user, 0x1001, 0x1002] { bytes.store(word) }
        let chain = 0..<bytes.count
        for _ in 0..<2 {
            let isKnown = asked.contains(bytes.span.bytes, chain, process: 7, time: 1, by: &stacks)
            #expect(!isKnown)
        }
        let wasAsked = asked.wereRead(bytes.span.bytes, chain, process: 7, time: 1, by: &stacks)
        #expect(!wasAsked)
        let isKnown = asked.contains(bytes.span.bytes, chain, process: 7, time: 2, by: &stacks)
        #expect(isKnown)
    }

    @Test func aChainWithoutAMarkIsAskedForEachTime() {
        var asked = AskedStacks()
        var stacks = StackReader(symbolizer, StackOptions(style: .best, isPacked: false))
        for _ in 0..<2 { #expect(!wasAsked([0x1001, 0x1002, 0x1003], process: 7, &asked, &stacks)) }
    }
}
