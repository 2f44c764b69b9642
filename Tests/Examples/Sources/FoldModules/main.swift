// Folds the callchains of any perf.data file by the files that their addresses lie in:
//
//     perf record -g -- COMMAND; FoldModules perf.data
//
import ByteAccess
import PerfData
import PerfRecords

let file = try PerfDataFile(path: CommandLine.arguments.dropFirst().first ?? "perf.data")
var comms: [Int32: String] = [:]
var modules: [Int32: [(start: UInt64, length: UInt64, name: String)]] = [:]
var folded: [String: Int] = [:]
file.forEachRecord { bytes, position in
    guard let record = try? Record.decode(bytes, layout: file.events[position.event].layout).record else { return }
    switch record {
    case .comm(let comm): comms[comm.tid] = bytes.string(in: comm.name)
    case .fork(let task):
        comms[task.tid] = comms[task.parentTID]
        if task.pid != task.parentPID { modules[task.pid] = modules[task.parentPID] }
    case .mmap(let mapping):
        let name = bytes.string(in: mapping.path).split(separator: "/").last.map(String.init) ?? "[unknown]"
        modules[mapping.pid, default: []].append((mapping.start, mapping.length, name))
    case .sample(let sample):
        let known = (modules[sample.pid] ?? []) + (modules[-1] ?? [])
        var stack: [String] = []
        for offset in stride(from: sample.callchain.lowerBound, to: sample.callchain.upperBound, by: 8) {
            guard let address = bytes.load(UInt64.self, at: offset), address < CallchainContext.first else { continue }
            let name = known.last { address &- $0.start < $0.length }?.name ?? "[unknown]"
            if stack.last != name { stack.append(name) }
        }
        folded[([comms[sample.tid] ?? "[unknown]"] + stack.reversed()).joined(separator: ";"), default: 0] += 1
    default: break
    }
}
for (stack, count) in folded.sorted(by: { $0.key < $1.key }) { print(stack, count) }
