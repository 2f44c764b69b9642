internal import ELFImages

/// Which function's code was where, and when. JIT compilers free code and put other code there, so an address has a
/// single name only between two such changes. Each such stretch of time has a table of its own, built when it is
/// needed.
final class JITTimeline {
    private let dump: JITDump
    /// When each stretch begins, ascending, the first at 0; and the number of the dump's codes up to its end.
    private(set) var starts: [UInt64] = [0]
    private var counts: [Int] = []
    /// The code of the stretch used last, and the number of the dump's codes that went into it.
    private var live = LiveCode()
    private var liveCount = 0

    /// Limits on the number of stretches, and on the functions of all of them together: 1,024 stretches of 32,768
    /// functions. Beyond them the last stretch goes on, and its newest name wins.
    static let most = 1024
    static let mostCodes = 1 << 25

    /// `isTimed`: the dump's times are of the session's clock. If not, there is one stretch, in which the newest name
    /// wins.
    init(_ dump: JITDump, isTimed: Bool) {
        self.dump = dump
        var live = LiveCode()
        var codes = 0
        for (index, code) in dump.codes.enumerated() {
            let isChange = live.insert(index, dump.codes)
            guard isTimed, isChange, starts.count < Self.most, codes < Self.mostCodes,
                code.time > starts[starts.count - 1]
            else { continue }
            codes += live.count
            starts.append(code.time)
            counts.append(index)
        }
        counts.append(dump.codes.count)
    }

    /// The index of the stretch that a time falls into.
    func index(at time: UInt64) -> Int {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = low + (high - low) / 2
            if starts[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    /// When the stretch after this one begins; the maximum for the last one.
    func end(of index: Int) -> UInt64 { index + 1 < starts.count ? starts[index + 1] : .max }

    /// The code of a stretch, by address. Fast if stretches are used in order.
    func table(_ index: Int) -> SymbolTable {
        guard counts.indices.contains(index) else { return SymbolTable() }
        if liveCount > counts[index] { (live, liveCount) = (LiveCode(), 0) }
        for code in liveCount..<counts[index] { _ = live.insert(code, dump.codes) }
        liveCount = counts[index]
        var list = dump.names
        live.forEach(of: dump.codes) { code in
            guard let name = code.name else { return }
            list.append(
                ELFSymbol(
                    start: code.start, size: code.end - code.start, name: name, binding: 1, type: 2, origin: .text))
        }
        return SymbolTable(disjoint: list)
    }
}
