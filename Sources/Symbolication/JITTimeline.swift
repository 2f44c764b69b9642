internal import ELFImages

/// Which function's code lay where, and when. JIT compilers free code and put other code there: an address has one name only
/// between two such changes, and each such stretch of time has a table of its own, made when it is first asked for.
struct JITTimeline {
    private let dump: JITDump
    /// When each stretch begins, ascending, the first at 0; and how many of the dump's codes there are at its end.
    private(set) var starts: [UInt64] = [0]
    private var counts: [Int] = []

    /// No more stretches than this are told apart: in the last one the newest name wins.
    static let most = 1024

    /// `isTimed`: the dump's times are of the session's clock. If they are not, the newest name is the only one.
    init(_ dump: JITDump, isTimed: Bool) {
        self.dump = dump
        var live = LiveCode()
        for (index, code) in dump.codes.enumerated() {
            let isChange = live.insert(index, dump.codes)
            guard isTimed, isChange, starts.count < Self.most, code.time > starts[starts.count - 1] else { continue }
            starts.append(code.time)
            counts.append(index)
        }
        counts.append(dump.codes.count)
    }

    /// The stretch around a moment.
    func index(at time: UInt64) -> Int { max(0, (starts.firstIndex { $0 > time } ?? starts.count) - 1) }

    /// When the stretch after this one begins.
    func end(of index: Int) -> UInt64 { index + 1 < starts.count ? starts[index + 1] : .max }

    /// The code of a stretch, by address.
    func table(_ index: Int) -> SymbolTable {
        guard counts.indices.contains(index) else { return SymbolTable() }
        var live = LiveCode()
        for code in 0..<counts[index] { _ = live.insert(code, dump.codes) }
        var list = SymbolList()
        for code in live.codes.sorted() {
            guard let name = dump.codes[code].name, let range = list.append(name: dump.names.name(name)) else {
                continue
            }
            let (start, end) = (dump.codes[code].start, dump.codes[code].end)
            list.append(
                ELFSymbol(start: start, size: end - start, name: range, binding: 1, type: 2, origin: .text))
        }
        return SymbolTable(jitMap: list, view: .best)
    }
}

/// Code that does not overlap: what comes puts an end to what lay there.
private struct LiveCode {
    private(set) var codes: Set<Int> = []
    /// By page of 1 KiB: what lies in it or reaches into it.
    private var pages: [UInt64: [Int]] = [:]

    private static func range(_ code: JITDump.Code) -> ClosedRange<UInt64> { code.start >> 10...(code.end - 1) >> 10 }

    /// Whether an address is called otherwise than before.
    mutating func insert(_ index: Int, _ all: [JITDump.Code]) -> Bool {
        let new = all[index]
        var replaced: Set<Int> = []
        for page in Self.range(new) {
            for old in pages[page] ?? [] where all[old].start < new.end && all[old].end > new.start {
                replaced.insert(old)
            }
        }
        for old in replaced {
            codes.remove(old)
            for page in Self.range(all[old]) { pages[page]?.removeAll { $0 == old } }
        }
        if new.name != nil {
            codes.insert(index)
            for page in Self.range(new) { pages[page, default: []].append(index) }
        }
        return !replaced.isEmpty
    }
}
