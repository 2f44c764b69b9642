@testable import Folding
import PerfData
@testable import Profiles
import Replay
import Session
@testable import Symbolication
import TestSupport
import Testing

/// Two passes beside each other, each with a share of the samples, come to what one comes to.
@Suite struct TwoPassTests {
    private func folded(_ path: String, _ options: EventFold.Options) throws -> (lines: [String], EventFold) {
        let fold = try EventFold(Session(PerfDataFile(path: path)), options)
        return (HandmadeSession.lines(fold.tree, fold.names), fold)
    }

    private func expectTheSame(_ path: String, _ options: EventFold.Options, pieceBits: Int) throws -> Int {
        var options = options
        options.passes = 1
        let (lines, one) = try folded(path, options)
        options.passes = 2
        options.pieceBits = pieceBits
        let (others, two) = try folded(path, options)
        #expect(lines == others, "\(path), \(options)")
        #expect(one.notes == two.notes && one.event == two.event && one.tree.total == two.tree.total)
        return lines.count
    }

    @Test(arguments: Recording.names, [false, true])
    func recordings(name: String, usesPerfNames: Bool) throws {
        let file = try MemoryFile()
        let recording = try Recording(name)
        try file.write(recording.bytes)
        var lines = 0
        for event in try PerfDataFile(path: file.path).events.map(\.name) {
            for weight in [Weight.samples, .period] {
                let options = EventFold.Options(event: event, usesPerfNames: usesPerfNames, weight: weight)
                lines += try expectTheSame(file.path, options, pieceBits: 9)
            }
        }
        lines += try expectTheSame(file.path, EventFold.Options(usesPerfNames: usesPerfNames), pieceBits: 8)
        #expect(lines > 0)
    }

    /// Both have some of the samples, and none has all.
    @Test func sharesAreDisjointAndWhole() throws {
        let file = try MemoryFile()
        try file.write(try Recording("single").bytes)
        var counted: [Int] = []
        for number in 0..<2 {
            let data = try Session(PerfDataFile(path: file.path))
            let options = EventFold.Options(weight: .samples)
            var pass = try FoldPass(
                data, options, Symbolizer(data, style: .best), FoldPass.Share(number: number, count: 2, pieceBits: 9))
            pass.run()
            counted.append(pass.notes.counted)
        }
        let whole = try folded(file.path, EventFold.Options(weight: .samples)).1.notes.counted
        #expect(counted.reduce(0, +) == whole && counted.allSatisfy { $0 > 0 }, "\(counted) of \(whole)")
    }
}
