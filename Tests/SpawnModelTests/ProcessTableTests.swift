import TestSupport
import Testing

@testable import SpawnModel

/// The table beside a dictionary that does the same.
@Suite struct ProcessTableTests {
    private func state(_ threads: Int) -> ProcessState {
        var state = ProcessState(spawn: nil, chain: AncestryTable.root)
        state.threadCount = threads
        return state
    }

    @Test func behavesAsADictionary() {
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        var table = ProcessTable()
        var model: [Int32: Int] = [:]
        for step in 0..<20_000 {
            // Few pids, so that they are used again and again.
            let pid = Int32(random.next(below: 40))
            let value = random.next(below: 1000)
            switch random.next(below: 6) {
            case 0:
                table.insert(state(value), for: pid)
                model[pid] = value
            case 1: #expect(table.remove(pid)?.threadCount == model.removeValue(forKey: pid), "seed \(seed), \(step)")
            case 2:
                let before = table.update(pid) { state in
                    defer { state.threadCount = value }
                    return state.threadCount
                }
                #expect(before == model[pid], "seed \(seed), \(step)")
                if model[pid] != nil { model[pid] = value }
            case 3: #expect(table.turn(to: pid) == (model[pid] != nil), "seed \(seed), \(step)")
            case 4: #expect(table.contains(pid) == (model[pid] != nil), "seed \(seed), \(step)")
            default: #expect(table.read(pid) { $0.threadCount } == model[pid], "seed \(seed), \(step)")
            }
        }
        var all: [Int32: Int] = [:]
        table.forEach { all[$0] = $1.threadCount }
        #expect(all == model && !model.isEmpty, "seed \(seed)")
    }
}
