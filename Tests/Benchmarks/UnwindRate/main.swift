import Analysis
import Glibc
import PerfData
import PerfRecords
import Replay
import Session
import Symbolication
import Unwinding

// How fast stacks are unwound: `UnwindRate SESSION [ROUNDS]` prints, for all the stack dumps of a session, the stacks, their frames, and
// frames a second: warm (every stack ROUNDS times, its rules known), cold (no rule known, the images' tables read) and anew (the
// images too are read again), both for at most 100 stacks, once each. CPU time of one thread, decoding the registers included.
// python3 Scripts/bench run unwind calls it.

func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Locals, not globals: those would be on the way of every frame.
func measure(_ path: String, rounds: Int) throws {
    let file = try PerfDataFile(path: path)
    let symbolizer = try Symbolizer(Session(file), style: .best)
    var replay = RecordReplay(symbolizer: symbolizer)
    let layouts = file.events.map(\.layout)
    let masks = file.events.map(\.attributes.sampleRegistersUser)
    var frames: [UnwoundFrame] = []
    var stacks = 0
    var whole = 0
    var (warmFrames, warmSeconds) = (0, 0.0)
    var (coldStacks, coldFrames, coldSeconds, anewSeconds) = (0, 0, 0.0, 0.0)
    file.forEachRecord { record, position in
        let layout = layouts[position.event]
        guard position.header.type == .sample else {
            replay.apply(record, position.header, layout: layout)
            return
        }
        guard masks[position.event] != 0, let sample = try? Sample(decoding: record, layout: layout),
            symbolizer.canUnwind(sample)
        else { return }
        let mask = masks[position.event]
        stacks += 1
        if coldStacks < 100 {
            for isAnew in [true, false] {
                symbolizer.forgetUnwinding(images: isAnew)
                frames.removeAll(keepingCapacity: true)
                let start = processorSeconds()
                _ = symbolizer.unwind(sample, registerMask: mask, in: record, into: &frames)
                let seconds = processorSeconds() - start
                if isAnew { anewSeconds += seconds } else { coldSeconds += seconds }
            }
            coldStacks += 1
            coldFrames += frames.count
        }
        frames.removeAll(keepingCapacity: true)
        if symbolizer.unwind(sample, registerMask: mask, in: record, into: &frames) == .outermost { whole += 1 }
        let start = processorSeconds()
        for _ in 0..<rounds {
            frames.removeAll(keepingCapacity: true)
            _ = symbolizer.unwind(sample, registerMask: mask, in: record, into: &frames)
        }
        warmSeconds += processorSeconds() - start
        warmFrames += frames.count * rounds
    }
    func rate(_ count: Int, _ seconds: Double) -> Int { seconds > 0 ? Int(Double(count) / seconds) : 0 }
    print("stacks \(stacks)")
    print("whole \(whole)")
    print("frames \(rounds > 0 ? warmFrames / rounds : 0)")
    print("warm \(rate(warmFrames, warmSeconds))")
    print("cold \(rate(coldFrames, coldSeconds))")
    print("anew \(rate(coldFrames, anewSeconds))")
}

let arguments = CommandLine.arguments
guard arguments.count >= 2, let rounds = arguments.count > 2 ? Int(arguments[2]) : 20 else {
    print("usage: UnwindRate SESSION [ROUNDS]")
    exit(64)
}
try measure(arguments[1], rounds: rounds)
