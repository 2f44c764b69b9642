/// Builds the table that perf 6.1 looks symbols up in.
///
/// perf keeps symbols in a red-black tree ordered by start. Sizes are mended and duplicates removed once for each table
/// that is read; PLT entries are added to the result as they are. Ranges that overlap stay, and which of them a look-up
/// meets first depends on the shape of the tree. So where any do, the tree is built as perf builds it and flattened.
struct PerfSymbolOrder {
    private let list: SymbolList
    private let preference: SymbolPreference
    private let isKallsyms: Bool
    private var ends: [UInt64]
    /// What was done to perf's tree, in order.
    private var history: [Step] = []
    /// The living symbols by start; equal starts in the order of insertion.
    private var order: [Int] = []

    private enum Step {
        case insert(Int)
        case erase(Int)
    }

    init(_ list: SymbolList, isKallsyms: Bool, demangled: @escaping (ArraySlice<UInt8>) -> [UInt8]?) {
        self.list = list
        self.isKallsyms = isKallsyms
        preference = SymbolPreference(names: list.names, demangled: demangled)
        ends = list.symbols.map { symbol in
            let (end, overflow) = symbol.start.addingReportingOverflow(symbol.size)
            return overflow ? .max : end
        }
    }

    /// `mended`: groups of symbols after each of which sizes and duplicates are mended; `asIs`: added last, untouched.
    mutating func table(mended: [[Int]], asIs: [Int]) -> SymbolTable {
        for group in mended where !group.isEmpty {
            insert(group)
            mendSizes()
            removeDuplicates()
        }
        insert(asIs)
        return hasOverlaps ? tableFromTree() : tableFromOrder()
    }

    private func start(_ symbol: Int) -> UInt64 { list.symbols[symbol].start }

    private mutating func insert(_ group: [Int]) {
        let sorted = group.sorted { (start($0), $0) < (start($1), $1) }
        var merged: [Int] = []
        merged.reserveCapacity(order.count + sorted.count)
        var old = order.makeIterator()
        var next = old.next()
        for symbol in sorted {
            while let earlier = next, start(earlier) <= start(symbol) {
                merged.append(earlier)
                next = old.next()
            }
            merged.append(symbol)
        }
        while let rest = next {
            merged.append(rest)
            next = old.next()
        }
        order = merged
        history.append(contentsOf: group.map(Step.insert))
    }

    /// A symbol without a size reaches to the next one (`symbols__fixup_end`).
    private mutating func mendSizes() {
        guard let last = order.last else { return }
        for (symbol, following) in zip(order, order.dropFirst()) where ends[symbol] == start(symbol) {
            if isKallsyms, list.symbols[symbol].origin != list.symbols[following].origin {
                ends[symbol] = Self.pageEnd(after: ends[symbol])
            } else {
                ends[symbol] = start(following)
            }
        }
        if ends[last] == start(last) { ends[last] = Self.pageEnd(after: start(last)) }
    }

    /// The end of the page after the one that `address` begins or lies in.
    private static func pageEnd(after address: UInt64) -> UInt64 {
        let (sum, overflow) = address.addingReportingOverflow(2 * 4096 - 1)
        return overflow ? .max : sum & ~4095
    }

    private mutating func removeDuplicates() {
        var kept: [Int] = []
        kept.reserveCapacity(order.count)
        for symbol in order {
            guard let current = kept.last, start(current) == start(symbol) else {
                kept.append(symbol)
                continue
            }
            let currentSize = ends[current] &- start(current)
            let size = ends[symbol] &- start(symbol)
            if preference.prefersFirst(list.symbols[current], currentSize, over: list.symbols[symbol], size) {
                history.append(.erase(symbol))
            } else {
                history.append(.erase(current))
                kept[kept.count - 1] = symbol
            }
        }
        order = kept
    }

    private var hasOverlaps: Bool {
        zip(order, order.dropFirst()).contains { ends[$0] > start($1) || start($0) == start($1) }
    }

    private func tableFromOrder() -> SymbolTable {
        var table = SymbolTable(names: list.names, capacity: order.count)
        for symbol in order { table.append(start: start(symbol), end: ends[symbol], name: list.symbols[symbol].name) }
        return table
    }

    private func tableFromTree() -> SymbolTable {
        var tree = RedBlackTree(keys: list.symbols.map(\.start))
        for step in history {
            switch step {
            case .insert(let symbol): tree.insert(symbol)
            case .erase(let symbol): tree.erase(symbol)
            }
        }
        var table = SymbolTable(names: list.names, capacity: order.count)
        tree.forEachReachableRange(ends: ends) { symbol, range in
            table.append(start: range.lowerBound, end: range.upperBound, name: list.symbols[symbol].name)
        }
        return table
    }
}
