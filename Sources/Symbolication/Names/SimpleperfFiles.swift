internal import ELFImages

/// The symbols that Android's simpleperf puts into its recordings: of every file that its samples fall into, those that
/// they met.
///
/// The addresses are those of the ELF file (its first executable segment has `minimumAddress` at `offset` in the file),
/// offsets in a file of Java code (`dex`), or addresses in memory for the kernel and for JIT code.
struct SimpleperfFiles: Sendable {
    enum Kind: UInt32, Sendable {
        case kernel, kernelModule, elf, dex, symbolMap, unknown
    }

    struct File: Sendable {
        /// As in the maps; `perf-PID.map` for the code that a process compiled.
        var path = ""
        var kind = Kind.unknown
        /// The lowest address of the first executable segment.
        var minimumAddress: UInt64 = 0
        /// The offset of `minimumAddress` in the file, or in a module's memory; `nil` if the recorder was too old to
        /// give it.
        var offset: UInt64?
        /// The bytes that the symbols' names are ranges of.
        var names: [UInt8] = []
        var symbols: [Symbol] = []
        /// Whether names longer than `longestName` were cut.
        var hasLongNames = false
    }

    /// In bytes; the same limit as for symbols of ELF files.
    static let longestName = 4096

    struct Symbol: Sendable {
        var start: UInt64
        var size: UInt64
        var name: NameRange
    }

    private(set) var kernel: File?
    private var modules: [String: File] = [:]
    private var files: [String: File] = [:]
    /// Where the section is damaged, or exceeds a limit; what precedes it is used.
    private(set) var damagedOffset: Int?
    private var symbolCount = 0

    /// Limits on the files, and on the symbols of all of them: no genuine recording has more.
    private static let mostFiles = 1 << 16
    static let mostSymbols = 1 << 22

    init() {}

    /// The symbols of a file that a process has mapped, by the path of its map.
    func file(_ path: String) -> File? { files[path] }

    func module(_ path: String) -> File? { modules[path] }

    /// The processes that compiled code as they ran, each with the symbols of that code.
    var compiledCode: [(process: Int32, file: File)] {
        files.values.compactMap { file in
            guard file.kind == .symbolMap, let process = Self.process(ofMap: file.path) else { return nil }
            return (process, file)
        }.sorted { $0.process < $1.process }
    }

    /// The pid in `perf-PID.map`.
    private static func process(ofMap path: String) -> Int32? {
        guard path.hasPrefix("perf-"), path.hasSuffix(".map") else { return nil }
        return Int32(path.dropFirst("perf-".count).dropLast(".map".count))
    }

    /// Adds a file, in place of an earlier one with the same path. Returns false if there are too many.
    mutating func add(_ file: File) -> Bool {
        symbolCount += file.symbols.count
        guard files.count + modules.count < Self.mostFiles, symbolCount <= Self.mostSymbols else { return false }
        switch file.kind {
        case .kernel: kernel = file
        case .kernelModule: modules[file.path] = file
        case .elf, .dex, .symbolMap, .unknown: files[file.path] = file
        }
        return true
    }

    mutating func note(damage offset: Int) { damagedOffset = damagedOffset ?? offset }
}

extension SimpleperfFiles.File {
    /// The table with `shift` added to the addresses. Of symbols with the same address the last one counts, and a
    /// symbol ends where the next begins, as when simpleperf looks them up.
    func table(shift: UInt64) -> SymbolTable {
        let sorted = symbols.indices.map { (start: symbols[$0].start &+ shift, index: $0) }.sorted {
            $0.start != $1.start ? $0.start < $1.start : $0.index < $1.index
        }
        var list = SymbolList(names: names)
        for (place, (start, index)) in sorted.enumerated() {
            var size = symbols[index].size
            if place + 1 < sorted.count { size = min(size, sorted[place + 1].start - start) }
            guard size > 0 else { continue }
            list.append(
                ELFSymbol(start: start, size: size, name: symbols[index].name, binding: 1, type: 2, origin: .text))
        }
        return SymbolTable(disjoint: list)
    }

    /// What to add to its addresses to get offsets in the file, or in a module's memory.
    var shift: UInt64 {
        switch kind {
        case .elf: offset.map { $0 &- minimumAddress } ?? 0
        case .kernelModule: (offset ?? 0) &- minimumAddress
        case .kernel, .dex, .symbolMap, .unknown: 0
        }
    }

    /// The pages that hold its code, ascending, as ranges of addresses; the last of `mostRanges` covers the rest.
    var pages: [Range<UInt64>] {
        let mask: UInt64 = 4095
        var pages: [Range<UInt64>] = []
        for symbol in symbols.sorted(by: { $0.start < $1.start }) where symbol.size > 0 {
            let (end, overflow) = symbol.start.addingReportingOverflow(symbol.size)
            let first = symbol.start & ~mask
            let last = overflow || end > .max - mask ? .max : (end + mask) & ~mask
            if let known = pages.last, first <= known.upperBound || pages.count == Self.mostRanges {
                pages[pages.count - 1] = known.lowerBound..<max(known.upperBound, last)
            } else {
                pages.append(first..<last)
            }
        }
        return pages
    }

    /// Limited because each fork of the process inserts the ranges again.
    private static let mostRanges = 256
}
