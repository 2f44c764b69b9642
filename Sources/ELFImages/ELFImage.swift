/// The layout and symbols of one ELF file, as a value that keeps no file open.
public struct ELFImage: Sendable {
    /// Headers, segments and sections.
    public let layout: ELFLayout
    /// The symbols, in the order of their tables.
    package let symbols: SymbolList
    /// Why a stripped Go program's functions are missing from the symbols; `nil` if they are present, and for all other
    /// programs.
    public let goTableProblem: GoTableError?
    /// What was skipped or cut while reading.
    public let limits: [ReadingLimit]
    /// The files that were read: this one, and its debug file if there is one.
    package let files: [FileWeight]

    /// Reads the file at `path`.
    public init(path: String) throws(ELFError) {
        self.init(reading: try ELFFile(path: path))
    }

    /// Reads an image that is in memory.
    public init(bytes: [UInt8]) throws(ELFError) {
        self.init(reading: try ELFFile(bytes: bytes))
    }

    /// The file offset of the dynamic function symbol with this name, symbol version ignored; `nil` if there is none.
    package static func offset(ofDynamicFunction name: String, path: String) -> UInt64? {
        guard let file = try? ELFFile(path: path) else { return nil }
        var reader = SymbolReader(layout: file.layout)
        reader.readDynamicSymbolTable(from: file)
        let wanted = Array(name.utf8)
        let found = reader.list.symbols.first {
            let bytes = reader.list.name($0.name)
            return $0.type == ELFSymbol.functionType && bytes.prefix { $0 != UInt8(ascii: "@") }.elementsEqual(wanted)
        }
        return found?.start
    }

    /// Reads the symbols of an open file. A broken table yields no symbols.
    public init(reading file: borrowing ELFFile) {
        var reader = SymbolReader(layout: file.layout)
        reader.reserveNames(of: file)
        reader.readSymbolTable(from: file)
        reader.readDynamicSymbolTable(from: file)
        reader.readPLT(from: file)
        if file.layout.section(named: ".symtab") == nil {
            reader.readMiniDebugInformation(from: file)
            reader.readGoFunctions(from: file)
        }
        layout = file.layout
        symbols = reader.list
        goTableProblem = reader.goTableProblem
        limits = file.limits
        files = [file.handle.weight].compactMap { $0 }
    }

    /// Reads the symbols of a stripped file: the symbol table from its separate debug file, the dynamic symbols and PLT
    /// from the file itself. If `withDynamicSymbols` is false, only the PLT comes from the file, as in perf.
    public init(reading file: borrowing ELFFile, debugFile: borrowing ELFFile, withDynamicSymbols: Bool) {
        var reader = SymbolReader(layout: file.layout)
        reader.reserveNames(of: debugFile)
        reader.readSymbolTable(from: debugFile)
        if withDynamicSymbols {
            reader.readDynamicSymbolTable(from: file)
        } else {
            reader.readDynamicSymbolTable(from: debugFile)
        }
        reader.readPLT(from: file)
        layout = file.layout
        symbols = reader.list
        goTableProblem = nil
        limits = debugFile.limits + file.limits
        files = [file.handle.weight, debugFile.handle.weight].compactMap { $0 }
    }
}
