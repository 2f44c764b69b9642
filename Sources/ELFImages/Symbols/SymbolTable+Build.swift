/// Which rules choose the name of an offset.
public enum SymbolView: Sendable {
    /// The names that perf 6.1 gives.
    case perf
    /// The innermost symbol; also names PLT stubs that perf 6.1 misses.
    case best
}

extension SymbolTable {
    /// The table of an ELF image, by file offset.
    ///
    /// `demangled` returns the demangled form of a mangled name. It is called only if two symbols share an address and
    /// nothing but their names decides between them, and in `view` best not before such a name is asked for.
    public init(
        _ image: ELFImage, view: SymbolView = .best,
        demangled: @escaping @Sendable (ArraySlice<UInt8>) -> [UInt8]? = { _ in nil }
    ) {
        switch view {
        case .perf:
            func group(_ origin: ELFSymbol.Origin) -> [Int32] {
                var group: [Int32] = []
                for (index, symbol) in image.symbols.symbols.enumerated() where symbol.origin == origin {
                    group.append(Int32(truncatingIfNeeded: index))
                }
                return group
            }
            var order = PerfSymbolOrder(image.symbols, isKallsyms: false, demangled: demangled)
            let mended = [group(.symbolTable), group(.dynamicSymbolTable)]
            // perf adds PLT entries only to a table that has symbols.
            let plt = mended.allSatisfy(\.isEmpty) ? [] : group(.plt)
            self = order.table(mended: mended, asIs: plt)
        case .best:
            self = InnermostSymbols(image.symbols, sections: image.layout.sections, demangled: demangled).table()
        }
    }

    /// The table of `/proc/kallsyms`, by address: symbols without sizes, those of modules with `[module]` after the
    /// name.
    package init(kallsyms symbols: SymbolList) {
        var order = PerfSymbolOrder(symbols, isKallsyms: true) { _ in nil }
        self = order.table(mended: [symbols.numbers], asIs: [])
    }

    /// The table of symbols that do not overlap, already sorted by address.
    package init(disjoint symbols: SymbolList) {
        self.init(names: symbols.names, capacity: symbols.symbols.count)
        for symbol in symbols.symbols {
            let (end, overflow) = symbol.start.addingReportingOverflow(symbol.size)
            append(start: symbol.start, end: overflow ? .max : end, name: symbol.name)
        }
    }

    /// The table of a JIT compiler's map, by address. Where ranges overlap, `view` decides.
    package init(jitMap symbols: SymbolList, view: SymbolView) {
        switch view {
        case .perf:
            var order = PerfSymbolOrder(symbols, isKallsyms: false) { _ in nil }
            self = order.table(mended: [], asIs: symbols.numbers)
        case .best:
            self = InnermostSymbols(symbols, sections: []) { _ in nil }.table()
        }
    }
}

extension SymbolList {
    /// The symbols' numbers. They fit in 32 bits: neither the largest section (`ELFFile.largestSection`) nor the
    /// largest text has room for more.
    fileprivate var numbers: [Int32] { symbols.indices.map { Int32(truncatingIfNeeded: $0) } }
}
