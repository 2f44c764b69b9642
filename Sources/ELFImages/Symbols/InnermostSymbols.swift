/// Builds the table of `SymbolView.best`: the innermost symbol around an offset, missing sizes filled in within the
/// section, PLT entries identified by the slots they use, and no data objects.
struct InnermostSymbols {
    private let list: SymbolList
    private let sections: [ELFSection]
    private let preference: SymbolPreference

    init(_ list: SymbolList, sections: [ELFSection], demangled: @escaping SymbolPreference.Demangling) {
        self.list = list
        self.sections = sections
        preference = SymbolPreference(demangled: demangled)
    }

    private struct Candidate {
        var start: UInt64
        var end: UInt64
        var symbol: Int
        /// If it is one of several between which their names decide: where these are among the tied.
        var tied: Range<Int>
    }

    /// The symbol kept for a start, or the first of several that differ in nothing but their names.
    private struct Kept {
        var symbol: Int
        var tied = 0..<0
    }

    func table() -> SymbolTable {
        let (candidates, tied) = merged()
        var table = SymbolTable(names: list.names, capacity: candidates.count, tied: tied, preference)
        // Candidates that are open at `position`, innermost last.
        var open: [Candidate] = []
        var position: UInt64 = 0
        func close(upTo limit: UInt64) {
            while let top = open.last {
                let end = min(top.end, limit)
                if end > position {
                    let start = max(position, top.start)
                    if top.tied.isEmpty {
                        table.append(start: start, end: end, name: list.symbols[top.symbol].name)
                    } else {
                        table.append(start: start, end: end, tied: top.tied)
                    }
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

    /// Code symbols sorted by start, one for each start, with ends filled in; and the names that are compared later.
    private func merged() -> (candidates: [Candidate], tied: [NameRange]) {
        var sorted: [(start: UInt64, symbol: Int)] = []
        let hasSlots = list.symbols.contains { $0.origin == .pltSlot }
        let executable = sections.map(\.isExecutable)
        for (index, symbol) in list.symbols.enumerated() where isCode(symbol, executable) {
            if symbol.origin == .plt, hasSlots { continue }
            sorted.append((symbol.start, index))
        }
        sorted.sort { $0.start != $1.start ? $0.start < $1.start : $0.symbol < $1.symbol }
        var kept: [Kept] = []
        var tied: [NameRange] = []
        for (start, symbol) in sorted {
            if let last = kept.last, list.symbols[last.symbol].start == start {
                kept[kept.count - 1] = better(of: last, symbol, &tied)
            } else {
                kept.append(Kept(symbol: symbol))
            }
        }
        let candidates = kept.indices.map { position in
            let symbol = list.symbols[kept[position].symbol]
            var (end, overflow) = symbol.start.addingReportingOverflow(symbol.size)
            if overflow { end = .max }
            if symbol.size == 0 {
                let next = position + 1 < kept.count ? list.symbols[kept[position + 1].symbol].start : .max
                end = min(next, sectionEnd(of: symbol))
            }
            return Candidate(start: symbol.start, end: end, symbol: kept[position].symbol, tied: kept[position].tied)
        }
        return (candidates, tied)
    }

    /// Chooses between what was kept and another symbol of its start. If their names decide, and the range is the same
    /// whichever it is, both are kept: `tied` has the names of those that were kept last at its end.
    private func better(of kept: Kept, _ other: Int, _ tied: inout [NameRange]) -> Kept {
        let (current, symbol) = (list.symbols[kept.symbol], list.symbols[other])
        switch SymbolPreference.prefersFirst(current, current.size, over: symbol, symbol.size) {
        case true?: return kept
        case false?:
            tied.removeLast(kept.tied.count)
            return Kept(symbol: other)
        case nil: break
        }
        guard current.size == symbol.size, current.size != 0 || current.section == symbol.section else {
            let name = kept.tied.isEmpty ? current.name : preference.best(of: tied[kept.tied], list.names)
            if preference.prefersFirst(name, over: symbol.name, list.names) { return kept }
            tied.removeLast(kept.tied.count)
            return Kept(symbol: other)
        }
        if kept.tied.isEmpty { tied.append(current.name) }
        tied.append(symbol.name)
        let first = kept.tied.isEmpty ? tied.count - 2 : kept.tied.lowerBound
        return Kept(symbol: kept.symbol, tied: first..<tied.count)
    }

    /// - Parameter executable: of each section, whether it is; apart from the sections, whose names would be counted.
    private func isCode(_ symbol: ELFSymbol, _ executable: [Bool]) -> Bool {
        guard symbol.type != ELFSymbol.objectType else { return false }
        guard symbol.section != 0 else { return true }
        let number = Int(symbol.section)
        return number < executable.count && executable[number]
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
