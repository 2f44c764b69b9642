internal import ELFImages

/// Which function's code lay where, and when. JIT compilers free code and put other code there: an address has one name only
/// between two such changes, and each such stretch of time has a table of its own, made when it is first asked for.
final class JITTimeline {
    private let dump: JITDump
    /// When each stretch begins, ascending, the first at 0; and how many of the dump's codes there are at its end.
    private(set) var starts: [UInt64] = [0]
    private var counts: [Int] = []
    /// The code of the stretch that was asked for last, and how many of the dump's codes are in it.
    private var live = LiveCode()
    private var liveCount = 0

    /// No more stretches than this are told apart, and no more than have so many functions together, each counted in every stretch: in the
    /// last one the newest name wins. 1,024 stretches of 32,768 functions.
    static let most = 1024
    static let mostCodes = 1 << 25

    /// `isTimed`: the dump's times are of the session's clock. If they are not, the newest name is the only one.
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

    /// The stretch around a moment.
    func index(at time: UInt64) -> Int {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = low + (high - low) / 2
            if starts[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    /// When the stretch after this one begins.
    func end(of index: Int) -> UInt64 { index + 1 < starts.count ? starts[index + 1] : .max }

    /// The code of a stretch, by address. Fast where stretches are asked for one after the other.
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
