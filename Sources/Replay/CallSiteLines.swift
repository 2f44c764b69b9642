internal import Profiles

/// The source lines through which the stacks of each call site led: a function can spawn from several.
struct CallSiteLines {
    private struct FrameLines {
        var first: LineTable.ID
        var others: [LineTable.ID] = []
    }

    /// The frames of all call sites, one site after another, outermost first.
    private var frames: [FrameLines] = []
    private var starts: [UInt32: Int] = [:]

    /// Adds the lines of one stack, innermost first, to a call site, whose outermost `marks` frames have none.
    mutating func add(_ lines: ArraySlice<LineTable.ID>, to callSite: UInt32, marks: Int) {
        guard let start = starts[callSite] else {
            starts[callSite] = frames.count
            for _ in 0..<marks { frames.append(FrameLines(first: .none)) }
            for line in lines.reversed() { frames.append(FrameLines(first: line)) }
            return
        }
        var frame = start + marks
        for line in lines.reversed() where frame < frames.count {
            if line != frames[frame].first, line != .none { add(line, toFrame: frame) }
            frame += 1
        }
    }

    private mutating func add(_ line: LineTable.ID, toFrame frame: Int) {
        if frames[frame].first == .none {
            frames[frame].first = line
        } else if !frames[frame].others.contains(line), frames[frame].others.count + 1 < SourceLine.mostOfOneFunction {
            frames[frame].others.append(line)
        }
    }

    /// The lines of each of the `count` frames of a call site, in the order in which they were first seen.
    package func lines(of callSite: UInt32, count: Int, _ table: LineTable) -> [[SourceLine]] {
        guard let start = starts[callSite], count <= frames.count - start else { return [] }
        return frames[start..<start + count].map { frame in ([frame.first] + frame.others).compactMap { table[$0] } }
    }
}
