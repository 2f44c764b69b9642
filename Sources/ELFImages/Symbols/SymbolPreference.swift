/// Chooses between two symbols at one address by perf's rules (`choose_best_symbol`): prefer one with a size, then one
/// that is not weak, then a global one, then fewer leading underscores, then the longer name.
///
/// perf compares demangled names, so names are demangled here, but only if nothing else decides.
struct SymbolPreference {
    let names: [UInt8]
    /// The demangled form of a mangled name; `nil` for a name that is not mangled.
    let demangled: (ArraySlice<UInt8>) -> [UInt8]?

    init(names: [UInt8], demangled: @escaping (ArraySlice<UInt8>) -> [UInt8]?) {
        self.names = names
        self.demangled = demangled
    }

    func prefersFirst(_ first: ELFSymbol, _ firstSize: UInt64, over second: ELFSymbol, _ secondSize: UInt64) -> Bool {
        if (firstSize == 0) != (secondSize == 0) { return secondSize == 0 }
        let weak = ELFSymbol.weakBinding
        if (first.binding == weak) != (second.binding == weak) { return second.binding == weak }
        let global = ELFSymbol.globalBinding
        if (first.binding == global) != (second.binding == global) { return first.binding == global }
        let firstName = display(first.name)
        let secondName = display(second.name)
        let firstUnderscores = underscores(firstName)
        let secondUnderscores = underscores(secondName)
        if firstUnderscores != secondUnderscores { return firstUnderscores < secondUnderscores }
        if firstName.count != secondName.count { return firstName.count > secondName.count }
        // Avoid the system call aliases of old kernels.
        return !firstName.starts(with: "SyS".utf8) && !firstName.starts(with: "compat_SyS".utf8)
    }

    /// Bytes of demangled names allowed for one table; after that, names are compared as they are. Any number of
    /// symbols may share an address, with names that take a millisecond each to demangle. A name with no demangled form
    /// counts as 1 KiB.
    private static let mostDemangled = 64 << 20
    private let spent = Counter()

    private final class Counter { var bytes = 0 }

    private func display(_ range: NameRange) -> ArraySlice<UInt8> {
        let name = names[range.indices(in: names.count)]
        guard spent.bytes < Self.mostDemangled else { return name }
        let text = demangled(name)
        spent.bytes += text?.count ?? 1024
        return text.map { $0[...] } ?? name
    }

    private func underscores(_ name: ArraySlice<UInt8>) -> Int {
        name.prefix { $0 == UInt8(ascii: "_") }.count
    }
}
