// Prints the ten hottest user stacks of a recording with pieces of stack:
//
//     perf record -g --call-graph dwarf -- COMMAND; HottestStacks perf.data
//
import PerfData
import PerfRecords

let file = try PerfDataFile(path: CommandLine.arguments.dropFirst().first ?? "perf.data")
var processes = Processes()
var stacks = StackCounts()
file.forEachRecord { bytes, position in
    let event = file.events[position.event]
    guard let record = try? Record.decode(bytes, layout: event.layout).record else { return }
    switch record {
    case .fork(let task): processes.fork(task)
    case .comm(let comm) where position.header.misc.isCommExec: processes.forget(comm.pid)
    case .mmap(let mapping): processes.map(mapping, isData: position.header.misc.isMapOfData, in: bytes)
    case .sample(let sample):
        stacks.add(sample, registerMask: event.attributes.sampleRegistersUser, in: bytes, processes)
    default: break
    }
}
for (stack, count) in stacks.hottest(10) {
    print(count)
    for name in stack { print("    " + name) }
}
