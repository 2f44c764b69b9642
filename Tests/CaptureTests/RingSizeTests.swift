@testable import Capture
import Testing

@Suite struct RingSizeTests {
    private func choices(_ cpus: Int, memory: UInt64 = 64 << 30, _ change: (inout RecordingOptions) -> Void = { _ in })
        -> [Int]
    {
        var options = RecordingOptions(command: ["true"])
        change(&options)
        return RingSize.choices(options, cpus: cpus, memory: memory).map { $0 >> 10 }
    }

    @Test func whatIsAskedForIsTheOnlyChoice() {
        #expect(choices(2) { $0.ringSize = 64 << 10 } == [64])
        #expect(choices(500) { $0.ringSize = 1 << 30 } == [1 << 20])
    }

    @Test func dumpsHaveLargeRingsWhereThereIsRoom() {
        #expect(choices(2) == [16384, 8192, 4096])
        #expect(choices(16) == [16384, 8192, 4096])
        #expect(choices(17) == [8192, 4096])
        #expect(choices(33) == [4096])
        #expect(choices(2) { $0.stackSize = 0 } == [4096])
    }

    @Test func littleMemoryHasSmallRings() {
        #expect(choices(2, memory: 2 << 30) == [16384, 8192, 4096])
        #expect(choices(2, memory: 1 << 30) == [8192, 4096])
        #expect(choices(2, memory: 0) == [4096])
        #expect(choices(0, memory: .max) == [16384, 8192, 4096])
    }

    @Test func theMachineHasMemory() {
        #expect(RingSize.memory > 64 << 20)
    }
}
