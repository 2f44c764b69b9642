import Analysis
import ByteAccess
import Glibc
import PerfData
import PerfRecords
import Replay
import Session
import Symbolication

// How fast addresses are named: `LookupRate SESSION [ROUNDS]` prints, for all the user addresses of a session's callchains, the
// addresses, the distinct ones, the images, and look-ups a second: warm (all of them ROUNDS times, by then known to a cache) and cold
// (the distinct ones once, by a symbolizer that has read nothing yet: the files' symbol tables included). CPU time of one thread.
// python3 Scripts/bench run pack calls it.

func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Looks every user address of every callchain up `rounds` times; seconds that took, and how many look-ups and distinct frames.
func lookUp(_ session: Session, rounds: Int) -> (seconds: Double, lookups: Int, frames: Int) {
    let file = session.file
    let symbolizer = Symbolizer(session, style: .best)
    var replay = RecordReplay(symbolizer: symbolizer)
    let layouts = file.events.map(\.layout)
    var (seconds, lookups) = (0.0, 0)
    var frames: Set<FrameID> = []
    file.forEachRecord { record, position in
        let layout = layouts[position.event]
        guard position.header.type == .sample else {
            replay.apply(record, position.header, layout: layout)
            return
        }
        guard let sample = try? Sample(decoding: record, layout: layout), !sample.callchain.isEmpty else { return }
        let start = processorSeconds()
        for _ in 0..<rounds {
            var isUser = true
            var isInnermost = true
            for offset in stride(from: sample.callchain.lowerBound, to: sample.callchain.upperBound, by: 8) {
                let address = record.load(UInt64.self, at: offset) ?? 0
                guard address < CallchainContext.first else {
                    isUser = address == CallchainContext.user
                    continue
                }
                guard isUser else { continue }
                let frame = symbolizer.frame(
                    process: sample.pid, address: address, isKernel: false, isReturnAddress: !isInnermost)
                isInnermost = false
                lookups += 1
                if rounds == 1 { frames.insert(frame) }
            }
        }
        seconds += processorSeconds() - start
    }
    return (seconds, lookups, frames.count)
}

let arguments = CommandLine.arguments
guard arguments.count >= 2, let rounds = arguments.count > 2 ? Int(arguments[2]) : 100 else {
    print("usage: LookupRate SESSION [ROUNDS]")
    exit(64)
}
let file = try PerfDataFile(path: arguments[1])
let cold = lookUp(try Session(file), rounds: 1)
let warm = lookUp(try Session(file), rounds: rounds)
print("addresses \(cold.lookups)")
print("frames \(cold.frames)")
print("cold \(Int(Double(cold.lookups) / max(cold.seconds, 1e-9)))")
print("cold-seconds \(cold.seconds)")
print("warm \(Int(Double(warm.lookups) / max(warm.seconds, 1e-9)))")
