import ByteAccess
import PerfRecords
import Unwinding

/// How often each stack was met, by its names.
struct StackCounts {
    private var counts: [[String]: Int] = [:]
    private let images = Images()
    private lazy var unwinder = Unwinder(architecture: .x86_64) { [images] in images.unwindImage($0) }

    mutating func add(
        _ sample: Sample, registerMask: UInt64, in bytes: borrowing RawSpan, _ processes: Processes
    ) {
        guard
            let registers = RegisterFile(
                .x86_64, perfMask: registerMask, values: sample.registersUser.values, in: bytes)
        else { return }
        images.paths = processes.paths
        let dump = sample.stackUser.bytes.prefix(sample.stackUser.usedSize)
        let code = processes.codeMap(of: sample.pid)
        var frames: [UnwoundFrame] = []
        _ = unwinder.unwind(registers, stack: dump, in: bytes, code: code, into: &frames)
        let names = frames.map { frame in
            // Of a call the byte before its end, which is still in the function that called.
            let address = frame.isReturnAddress ? frame.address &- 1 : frame.address
            let mapping = code.mapping(containing: address)
            return mapping.flatMap { images.name($0.image, fileOffset: address &+ $0.bias) } ?? "[unknown]"
        }
        // The kernel's own frames are in the callchain, the innermost first.
        let isInKernel = bytes.load(UInt64.self, at: sample.callchain.lowerBound) == CallchainContext.kernel
        counts[(isInKernel ? ["[kernel]"] : []) + names, default: 0] += 1
    }

    func hottest(_ most: Int) -> [(stack: [String], count: Int)] {
        let sorted = counts.sorted { ($1.value, $0.key.joined()) < ($0.value, $1.key.joined()) }
        return sorted.prefix(most).map { ($0.key, $0.value) }
    }
}
