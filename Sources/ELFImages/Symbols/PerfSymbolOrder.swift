/// Builds the table in which perf 6.1 looks symbols up.
///
/// perf keeps symbols in a red-black tree ordered by start. It fills in missing sizes and removes duplicates after
/// each symbol table that it reads, and adds PLT entries unchanged. Overlapping ranges stay in the tree, and its shape
/// determines which of them a lookup finds first. If any overlap, the tree is therefore built as perf builds it, then
/// flattened.
struct PerfSymbolOrder {
    private let list: SymbolList
    private let preference: SymbolPreference
    private let isKallsyms: Bool
    private let starts: [UInt64]
    private var ends: [UInt64]
    /// The operations on perf's tree, in order: the number of an inserted symbol, or the complement of that of an
    /// erased one.
    private var history: [Int32] = []
    /// The symbols in the tree, sorted by start; equal starts are in order of insertion.
    private var order: [Int32] = []

    init(_ list: SymbolList, isKallsyms: Bool, demangled: @escaping SymbolPreference.Demangling) {
        self.list = list
        self.isKallsyms = isKallsyms
        preference = SymbolPreference(demangled: demangled)
        starts = list.symbols.map(\.start)
        ends = list.symbols.map { symbol in
            let (end, overflow) = symbol.start.addingReportingOverflow(symbol.size)
            return overflow ? .max : end
        }
    }

    /// Inserts each group of `mended`, then fills in sizes and removes duplicates; inserts `asIs` last, unchanged.
    mutating func table(mended: [[Int32]], asIs: [Int32]) -> SymbolTable {
        for group in mended where !group.isEmpty {
            insert(group)
            mendSizes()
            removeDuplicates()
        }
        insert(asIs)
        return hasOverlaps ? tableFromTree() : tableFromOrder()
    }

    private func start(_ symbol: Int32) -> UInt64 { starts[Int(symbol)] }

    private mutating func insert(_ group: [Int32]) {
        guard !group.isEmpty else { return }
        // Starts are stored next to the numbers, so that sorting needs no other memory.
        var sorted = group.map { (start: starts[Int($0)], symbol: $0) }
        sorted.sort { $0.start != $1.start ? $0.start < $1.start : $0.symbol < $1.symbol }
        var merged: [Int32] = []
        merged.reserveCapacity(order.count + sorted.count)
        var next = 0
        for (start, symbol) in sorted {
            while next < order.count, starts[Int(order[next])] <= start {
                merged.append(order[next])
                next += 1
            }
            merged.append(symbol)
        }
        merged.append(contentsOf: order[next...])
        order = merged
        history.append(contentsOf: group)
    }

    /// A symbol without a size reaches to the next one (`symbols__fixup_end`).
    private mutating func mendSizes() {
        guard let last = order.last else { return }
        for index in 1..<max(order.count, 1) {
            let (symbol, following) = (Int(order[index - 1]), Int(order[index]))
            guard ends[symbol] == starts[symbol] else { continue }
            if isKallsyms, list.symbols[symbol].origin != list.symbols[following].origin {
                ends[symbol] = Self.pageEnd(after: ends[symbol])
            } else {
                ends[symbol] = starts[following]
            }
        }
        if ends[Int(last)] == start(last) { ends[Int(last)] = Self.pageEnd(after: start(last)) }
    }

    /// `address` rounded up to a page boundary, plus one page, as in perf.
    private static func pageEnd(after address: UInt64) -> UInt64 {
        let (sum, overflow) = address.addingReportingOverflow(2 * 4096 - 1)
        return overflow ? .max : sum & ~4095
    }

    private mutating func removeDuplicates() {
        var kept: [Int32] = []
        kept.reserveCapacity(order.count)
        for symbol in order {
            guard let current = kept.last, start(current) == start(symbol) else {
                kept.append(symbol)
                continue
            }
            let currentSize = ends[Int(current)] &- start(current)
            let size = ends[Int(symbol)] &- start(symbol)
            if preference.prefersFirst(
                list.symbols[Int(current)], currentSize, over: list.symbols[Int(symbol)], size, names: list.names)
            {
                history.append(~symbol)
            } else {
                history.append(~current)
                kept[kept.count - 1] = symbol
            }
        }
        order = kept
    }

    private var hasOverlaps: Bool {
        for index in 1..<max(order.count, 1) {
            let (symbol, following) = (Int(order[index - 1]), Int(order[index]))
            if ends[symbol] > starts[following] || starts[symbol] == starts[following] { return true }
        }
        return false
    }

    private func tableFromOrder() -> SymbolTable {
        var table = SymbolTable(names: list.names, capacity: order.count)
        for symbol in order {
            table.append(start: start(symbol), end: ends[Int(symbol)], name: list.symbols[Int(symbol)].name)
        }
        return table
    }

    private func tableFromTree() -> SymbolTable {
        var tree = RedBlackTree(keys: starts)
        for step in history {
            if step >= 0 { tree.insert(Int(step)) } else { tree.erase(Int(~step)) }
        }
        var table = SymbolTable(names: list.names, capacity: order.count)
        // A local copy: otherwise the closure would copy all of `self` for each symbol.
        let symbols = list.symbols
        tree.forEachReachableRange(ends: ends) { symbol, range in
            table.append(start: range.lowerBound, end: range.upperBound, name: symbols[symbol].name)
        }
        return table
    }
}
