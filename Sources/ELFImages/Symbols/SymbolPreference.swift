internal import Synchronization

/// Chooses between two symbols at one address by perf's rules (`choose_best_symbol`): prefer one with a size, then one
/// that is not weak, then a global one, then fewer leading underscores, then the longer name.
///
/// perf compares demangled names, so names are demangled here, but only if nothing else decides. That takes longer than
/// all else of a table, for thousands of symbols of which a recording meets a few: see `SymbolTable.tied`.
struct SymbolPreference: Sendable {
    /// The demangled form of a mangled name; `nil` for a name that is not mangled.
    typealias Demangling = @Sendable (ArraySlice<UInt8>) -> [UInt8]?

    private let demangled: Demangling
    private let spent = Spent()

    /// Bytes of demangled names allowed for one table; after that, names are compared as they are. Any number of
    /// symbols may share an address, with names that take a millisecond each to demangle. A name with no demangled form
    /// counts as 1 KiB.
    private static let mostDemangled = 64 << 20

    private final class Spent: Sendable {
        let bytes = Atomic(0)
    }

    init(demangled: @escaping Demangling) { self.demangled = demangled }

    /// The choice between two symbols as far as it does not depend on their names; `nil` if the names decide.
    static func prefersFirst(_ first: ELFSymbol, _ firstSize: UInt64, over second: ELFSymbol, _ secondSize: UInt64)
        -> Bool?
    {
        if (firstSize == 0) != (secondSize == 0) { return secondSize == 0 }
        let weak = ELFSymbol.weakBinding
        if (first.binding == weak) != (second.binding == weak) { return second.binding == weak }
        let global = ELFSymbol.globalBinding
        if (first.binding == global) != (second.binding == global) { return first.binding == global }
        return nil
    }

    func prefersFirst(
        _ first: ELFSymbol, _ firstSize: UInt64, over second: ELFSymbol, _ secondSize: UInt64, names: [UInt8]
    ) -> Bool {
        Self.prefersFirst(first, firstSize, over: second, secondSize)
            ?? prefersFirst(first.name, over: second.name, names)
    }

    /// The choice between names of symbols that do not differ otherwise.
    func prefersFirst(_ first: NameRange, over second: NameRange, _ names: [UInt8]) -> Bool {
        let firstName = display(first, names)
        let secondName = display(second, names)
        let firstUnderscores = underscores(firstName)
        let secondUnderscores = underscores(secondName)
        if firstUnderscores != secondUnderscores { return firstUnderscores < secondUnderscores }
        if firstName.count != secondName.count { return firstName.count > secondName.count }
        // Avoid the system call aliases of old kernels.
        return !firstName.starts(with: "SyS".utf8) && !firstName.starts(with: "compat_SyS".utf8)
    }

    /// The best of several names, compared in their order; an empty range for none.
    func best(of candidates: ArraySlice<NameRange>, _ names: [UInt8]) -> NameRange {
        guard var best = candidates.first else { return NameRange(offset: 0, length: 0) }
        for name in candidates.dropFirst() where !prefersFirst(best, over: name, names) { best = name }
        return best
    }

    private func display(_ range: NameRange, _ names: [UInt8]) -> ArraySlice<UInt8> {
        let name = names[range.indices(in: names.count)]
        guard spent.bytes.load(ordering: .relaxed) < Self.mostDemangled else { return name }
        let text = demangled(name)
        spent.bytes.wrappingAdd(text?.count ?? 1024, ordering: .relaxed)
        return text.map { $0[...] } ?? name
    }

    private func underscores(_ name: ArraySlice<UInt8>) -> Int {
        name.prefix { $0 == UInt8(ascii: "_") }.count
    }
}
