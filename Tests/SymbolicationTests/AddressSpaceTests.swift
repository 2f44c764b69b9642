import Symbolication
import Testing

/// Maps of files that do not exist: a frame's name then says which image an address is in.
private func map(_ symbolizer: Symbolizer, _ process: Int32, _ start: UInt64, _ length: UInt64, _ name: String) {
    symbolizer.map(
        process: process, start: start, length: length, fileOffset: 0, path: "/nonexistent/" + name, buildID: nil,
        isExecutable: true)
}

extension Symbolizer {
    fileprivate func image(_ process: Int32, _ address: UInt64) -> String {
        let frame = frame(process: process, address: address, isKernel: false, isReturnAddress: false)
        return frame == .unknown ? "-" : String(name(of: frame).dropFirst().dropLast())
    }
}

@Suite struct AddressSpaceTests {
    /// Maps `start…end name` in order, and what then lies at 0, 10, … 90.
    @Test(arguments: [
        ([], "- - - - - - - - - -"),
        (["10…30 a"], "- a a - - - - - - -"),
        (["10…30 a", "30…50 b"], "- a a b b - - - - -"),
        (["30…50 b", "10…30 a"], "- a a b b - - - - -"),
        (["10…90 a", "30…50 b"], "- a a b b a a a a -"),
        (["10…90 a", "10…50 b"], "- b b b b a a a a -"),
        (["10…90 a", "50…90 b"], "- a a a a b b b b -"),
        (["20…40 a", "30…60 b"], "- - a b b b - - - -"),
        (["30…60 b", "20…40 a"], "- - a a b b - - - -"),
        (["10…20 a", "30…40 b", "50…60 c", "10…60 d"], "- d d d d d - - - -"),
        (["10…20 a", "30…40 b", "50…60 c", "15…55 d"], "- a d d d d - - - -"),
        (["10…20 a", "10…20 a", "10…10 b"], "- a - - - - - - - -"),
    ])
    func overlaps(maps: [String], picture: String) {
        let symbolizer = Symbolizer(style: .best)
        for line in maps {
            let parts = line.split { "… ".contains($0) }
            let (start, end) = (UInt64(parts[0]) ?? 0, UInt64(parts[1]) ?? 0)
            map(symbolizer, 1, start, end - start, String(parts[2]))
            // Asked for in between, so that nothing cached outlives what it was true of.
            for address in stride(from: 0, to: 100, by: 10) { _ = symbolizer.image(1, UInt64(address)) }
        }
        let seen = stride(from: 0, to: 100, by: 10).map { symbolizer.image(1, $0) }
        #expect(seen.joined(separator: " ") == picture)
    }

    @Test func addressesAtTheEnds() {
        let symbolizer = Symbolizer(style: .best)
        map(symbolizer, 1, .max - 9, 100, "high")
        map(symbolizer, 1, 0, 1, "low")
        #expect(symbolizer.image(1, .max - 1) == "high")
        #expect(symbolizer.image(1, 0) == "low")
        #expect(symbolizer.image(1, 1) == "-")
        #expect(symbolizer.frame(process: 1, address: 0, isKernel: false, isReturnAddress: true) == .unknown)
    }

    @Test func aForkSharesUntilEitherMaps() {
        let symbolizer = Symbolizer(style: .best)
        map(symbolizer, 1, 10, 10, "a")
        symbolizer.fork(parent: 1, child: 2)
        #expect(symbolizer.image(2, 15) == "a")
        map(symbolizer, 2, 10, 10, "childs")
        #expect(symbolizer.image(1, 15) == "a")
        #expect(symbolizer.image(2, 15) == "childs")
        map(symbolizer, 1, 30, 10, "parents")
        #expect(symbolizer.image(1, 35) == "parents")
        #expect(symbolizer.image(2, 35) == "-")
    }

    /// Both map something new at the same free address right after the fork.
    @Test func newMapsAfterAForkAreApart() {
        let symbolizer = Symbolizer(style: .best)
        map(symbolizer, 1, 10, 10, "a")
        symbolizer.fork(parent: 1, child: 2)
        map(symbolizer, 1, 50, 10, "parents")
        #expect(symbolizer.image(1, 55) == "parents")
        map(symbolizer, 2, 50, 10, "childs")
        #expect(symbolizer.image(2, 55) == "childs")
        #expect(symbolizer.image(1, 55) == "parents")
    }

    @Test func unknownParentsAndProcesses() {
        let symbolizer = Symbolizer(style: .best)
        map(symbolizer, 2, 10, 10, "old")
        symbolizer.fork(parent: 77, child: 2)
        #expect(symbolizer.image(2, 15) == "-")
        #expect(symbolizer.image(99, 15) == "-")
        symbolizer.exit(process: 99)
        symbolizer.exec(process: 99)
    }

    /// Right after the exec the stack is still that of the call, until the new program's first map.
    @Test func execForgetsMapsExceptAsPerfDoes() {
        for (style, image) in [(NameStyle.best, "-"), (.perf, "a")] {
            let symbolizer = Symbolizer(style: style)
            map(symbolizer, 1, 10, 10, "a")
            #expect(symbolizer.image(1, 15) == "a")
            symbolizer.exec(process: 1)
            #expect(symbolizer.image(1, 15) == "a")
            map(symbolizer, 1, 30, 10, "b")
            #expect(symbolizer.image(1, 15) == image)
            #expect(symbolizer.image(1, 35) == "b")
            map(symbolizer, 1, 50, 10, "c")
            #expect(symbolizer.image(1, 35) == "b")
        }
    }

    @Test func exitedProcessesStayForAWhile() {
        let symbolizer = Symbolizer(style: .best, endedProcesses: 2)
        for process: Int32 in 1...4 { map(symbolizer, process, 10, 10, "image\(process)") }
        for process: Int32 in 1...3 { symbolizer.exit(process: process) }
        #expect((1...4).map { symbolizer.image($0, 15) } == ["-", "image2", "image3", "image4"])
        // A pid that is in use again is not forgotten with the process that had it.
        symbolizer.fork(parent: 4, child: 2)
        symbolizer.exit(process: 3)
        symbolizer.exit(process: 3)
        #expect(symbolizer.image(2, 15) == "image4")
    }

    @Test func manyChildrenShareFrames() {
        let symbolizer = Symbolizer(style: .best)
        map(symbolizer, 1, 10, 10, "a")
        let parents = symbolizer.frame(process: 1, address: 15, isKernel: false, isReturnAddress: false)
        for child: Int32 in 2...20_000 {
            symbolizer.fork(parent: 1, child: child)
            map(symbolizer, child, 1000 + UInt64(child), 100, "b")
            let frame = symbolizer.frame(process: child, address: 15, isKernel: false, isReturnAddress: false)
            #expect(frame == parents)
            symbolizer.exit(process: child)
        }
        // The two that every session has, and the one of `a`; nothing was asked in `b`.
        #expect(symbolizer.frameCount == 3)
        #expect(symbolizer.problems.count == 1)
    }

    @Test func anonymousMemory() {
        for (path, isExecutable, name) in [
            ("//anon", true, "[perf-7.map]"), ("//anon", false, "[anon]"), ("[heap]", true, "[perf-7.map]"),
            ("/SYSV00000000 (deleted)", true, "[perf-7.map]"), ("/dev/zero", true, "[perf-7.map]"),
        ] {
            let symbolizer = Symbolizer(style: .perf)
            symbolizer.map(
                process: 7, start: 0x1000, length: 0x1000, fileOffset: 0, path: path, buildID: nil,
                isExecutable: isExecutable)
            symbolizer.fork(parent: 7, child: 8)
            let frame = symbolizer.frame(process: 8, address: 0x1800, isKernel: false, isReturnAddress: false)
            #expect(symbolizer.name(of: frame) == name)
        }
    }
}
