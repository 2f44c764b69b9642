@testable import FlameGraphs
import Profiles
import TestSupport
import Testing

@Suite struct FlameLayoutTests {
    @Test func siblingsStandByNameAndInnerFramesAboveTheirOwn() {
        let graph = MadeProfile([("b", 4), ("a;y", 2), ("a;x", 3), ("a", 1)]).graph()
        #expect(graph.outline == ["all 0 10", " a 0 6", "  x 0 3", "  y 3 2", " b 6 4"])
        #expect(graph.layout.depth == 3)
        #expect(graph.layout.narrow == FlameLayout.LeftOut() && graph.leftOutLines.isEmpty)
    }

    @Test func namesSortByBytes() {
        let graph = MadeProfile([("é", 1), ("b", 1), ("Z", 1), ("a", 1), ("a!", 1)]).graph()
        #expect(graph.outline.dropFirst().map { $0.split(separator: " ")[0] } == ["Z", "a", "a!", "b", "é"])
    }

    @Test func nothingIsOneFrame() {
        #expect(MadeProfile().graph().outline == ["all 0 0"])
        #expect(MadeProfile([("a", 0)]).graph().outline == ["all 0 0"])
    }

    /// What is too narrow goes with all that is inside of it, and is counted.
    @Test func narrowFramesAreLeftOutAndCounted() {
        let graph = MadeProfile([("a", 90), ("b;c", 4), ("b;d", 5), ("e", 1)]).graph { $0.limits.leastShare = 0.05 }
        #expect(graph.outline == ["all 0 100", " a 0 90", " b 90 9", "  d 90 5"])
        #expect(graph.layout.narrow == FlameLayout.LeftOut(frames: 2, weight: 5))
        #expect(graph.leftOutLines == ["2 frames too narrow to be seen left out, with 5 spawns (5%)"])
    }

    @Test func ofTooManyTheNarrowestGo() {
        let graph = MadeProfile([("a", 5), ("b", 4), ("c", 3), ("d", 3)]).graph { $0.limits.mostFrames = 4 }
        // Equal ones go together.
        #expect(graph.outline == ["all 0 15", " a 0 5", " b 5 4"])
        #expect(graph.layout.narrow == FlameLayout.LeftOut(frames: 2, weight: 6))
    }

    @Test func aDeepStackIsCutAndNeedsNoStackOfOurs() {
        var made = MadeProfile()
        made.add(Array(repeating: "f", count: 100_000), 7)
        let graph = made.graph()
        #expect(graph.layout.depth == 1024 && graph.frameCount == 1024)
        #expect(graph.layout.deep == FlameLayout.LeftOut(frames: 100_001 - 1024, weight: 7))
        #expect(graph.leftOutLines == ["98,977 frames deeper than 1,024 levels left out, with 7 spawns (100%)"])
    }

    @Test func aHundredThousandStacksAreBounded() {
        var made = MadeProfile()
        for number in 0..<100_000 { made.add(["main", "group\(number % 100)", "leaf\(number)"], 1) }
        let graph = made.graph()
        #expect(graph.frameCount == 102)
        #expect(graph.layout.narrow == FlameLayout.LeftOut(frames: 100_000, weight: 100_000))
        #expect(made.graph { $0.limits.leastShare = 0 }.frameCount <= 20_000)
    }

    @Test func saturatedWeightsStayInside() {
        let graph = MadeProfile([("a", .max), ("b", .max), ("b;c", .max)]).graph()
        let frames = graph.layout.frames
        #expect(frames.count == 4)
        #expect(frames.dropFirst().allSatisfy { $0.head.end <= frames[$0.parent].head.end })
    }

    // MARK: - Two profiles

    @Test func bothSidesLieOnOneTree() {
        let base = MadeProfile([("a;x", 2), ("gone", 3)])
        let head = MadeProfile([("a;x", 1), ("a;y", 4), ("new", 5)])
        let graph = MadeProfile.graph(
            ProfilePair(base: base.tree, names: base.names, head: head.tree, names: head.names))
        let frames = graph.layout.frames.map { frame in
            let name = frame.node == 0 ? "all" : graph.pair.names[graph.pair.tree.names[frame.node]]
            return "\(name) \(frame.head.start)+\(frame.head.width) \(frame.base.start)+\(frame.base.width)"
        }
        #expect(frames == ["all 0+10 0+5", "a 0+5 0+2", "x 0+1 0+2", "y 1+4 2+0", "gone 5+0 2+3", "new 5+5 5+0"])
    }

    @Test func stepsOfChange() {
        let steps = [
            (100, 100), (101, 100), (105, 100), (80, 100), (60, 100), (200, 100), (300, 100), (0, 1), (1, 0), (0, 0),
        ]
        .map { Difference.step(head: Double($0.0), base: Double($0.1)) }
        #expect(steps == [0, 0, 1, -2, -3, 3, 4, -5, 5, 0])
    }

    @Test(arguments: [RandomSeed.ofThisRun, ~RandomSeed.ofThisRun])
    func framesLieInsideOneAnother(seed: UInt64) {
        var random = Xorshift(seed: seed)
        func made(isExtreme: Bool) -> MadeProfile {
            var made = MadeProfile()
            for _ in 0..<random.next(below: 400) {
                let stack = (0...random.next(below: 8)).map { _ in "f\(random.next(below: 6))" }
                let isLarge = isExtreme && random.next(below: 4) == 0
                made.add(stack, isLarge ? random.extreme() : UInt64(random.next(below: 1000)))
            }
            return made
        }
        let single = made(isExtreme: false).graph { $0.limits.leastShare = 0 }
        let (head, base) = (made(isExtreme: true), made(isExtreme: random.next(below: 2) == 0))
        let pair = MadeProfile.graph(
            ProfilePair(base: base.tree, names: base.names, head: head.tree, names: head.names)
        ) { $0.limits.leastShare = [0, 0.001, 0.1][random.next(below: 3)] }
        for graph in [single, pair] {
            let frames = graph.layout.frames
            for (place, frame) in frames.enumerated().dropFirst() {
                let outer = frames[frame.parent]
                #expect(frame.depth == outer.depth + 1 && frame.parent < place)
                for (inside, around) in [(frame.head, outer.head), (frame.base, outer.base)] {
                    #expect(inside.start >= around.start && inside.end <= around.end && inside.end >= inside.start)
                }
            }
            let drawn = graph.layout.narrow.frames + graph.layout.deep.frames + frames.count
            let nodes = graph.pair.tree.nodeCount
            let empty = (1..<nodes).count {
                graph.pair.headTotals[$0] == 0 && (graph.pair.baseTotals.isEmpty || graph.pair.baseTotals[$0] == 0)
            }
            #expect(drawn + empty == nodes)
        }
        // With nothing left out, own weights and inner frames fill a frame.
        for (place, frame) in single.layout.frames.enumerated() {
            let inner = single.layout.frames.enumerated().filter { $0.offset > 0 && $0.element.parent == place }
            let sum = inner.reduce(single.pair.headWeights[frame.node]) { $0 + $1.element.head.width }
            #expect(sum == frame.head.width)
        }
    }
}
