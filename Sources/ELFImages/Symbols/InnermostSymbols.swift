/// Builds the table of `SymbolView.best`: the innermost symbol around an offset, missing sizes filled in within the
/// section, PLT entries identified by the slots they use, and no data objects.
struct InnermostSymbols {
    private let list: SymbolList
    private let sections: [ELFSection]
    private let preference: SymbolPreference

    init(_ list: SymbolList, sections: [ELFSection], demangled: @escaping (ArraySlice<UInt8>) -> [UInt8]?) {
        self.list = list
        self.sections = sections
        preference = SymbolPreference(names: list.names, demangled: demangled)
    }

    private struct Candidate {
        var start: UInt64
        var end: UInt64
        var symbol: Int
    }

    func table() -> SymbolTable {
        let candidates = merged()
        var table = SymbolTable(names: list.names, capacity: candidates.count)
        // Candidates that are open at `position`, innermost last.
        var open: [Candidate] = []
        var position: UInt64 = 0
        func close(upTo limit: UInt64) {
            while let top = open.last {
                let end = min(top.end, limit)
                if end > position {
                    table.append(start: max(position, top.start), end: end, name: list.symbols[top.symbol].name)
                    position = end
                }
                if top.end > limit { return }
                open.removeLast()
            }
        }
        for candidate in candidates {
            close(upTo: candidate.start)
            position = max(position, candidate.start)
            open.append(candidate)
        }
        close(upTo: .max)
        return table
    }

    /// Code symbols sorted by start, one for each start, with ends filled in.
    private func merged() -> [Candidate] {
        var indices: [Int] = []
        let hasSlots = list.symbols.contains { $0.origin == .pltSlot }
        for (index, symbol) in list.symbols.enumerated() where isCode(symbol) {
            if symbol.origin == .plt, hasSlots { continue }
            indices.append(index)
        }
        indices.sort { (list.symbols[$0].start, $0) < (list.symbols[$1].start, $1) }
        var kept: [Int] = []
        for index in indices {
            let symbol = list.symbols[index]
            if let last = kept.last, list.symbols[last].start == symbol.start {
                let current = list.symbols[last]
                if !preference.prefersFirst(current, current.size, over: symbol, symbol.size) {
                    kept[kept.count - 1] = index
                }
            } else {
                kept.append(index)
            }
        }
        return kept.indices.map { position in
            let symbol = list.symbols[kept[position]]
            var (end, overflow) = symbol.start.addingReportingOverflow(symbol.size)
            if overflow { end = .max }
            if symbol.size == 0 {
                let next = position + 1 < kept.count ? list.symbols[kept[position + 1]].start : .max
                end = min(next, sectionEnd(of: symbol))
            }
            return Candidate(start: symbol.start, end: end, symbol: kept[position])
        }
    }

    private func isCode(_ symbol: ELFSymbol) -> Bool {
        guard symbol.type != ELFSymbol.objectType else { return false }
        guard symbol.section != 0 else { return true }
        let number = Int(symbol.section)
        return number < sections.count && sections[number].isExecutable
    }

    /// The file offset at which a symbol's section ends; 4096 bytes after its start if it has no section.
    private func sectionEnd(of symbol: ELFSymbol) -> UInt64 {
        let number = Int(symbol.section)
        guard number > 0, number < sections.count else {
            let (end, overflow) = symbol.start.addingReportingOverflow(4096)
            return overflow ? .max : end
        }
        let (end, overflow) = sections[number].fileOffset.addingReportingOverflow(sections[number].size)
        return overflow ? .max : end
    }
}
