internal import ELFImages
internal import Presentation

/// Finds where a function of a program or library begins in its file.
package enum FunctionOffset {
    /// The file offset of a function, by its raw name in the symbol tables, in Go's function table or in the separate
    /// debug file of the same build, else by its readable name. `nil` if there is no such function, or the file is not
    /// ELF.
    package static func find(_ function: String, in path: String) -> UInt64? {
        guard let image = try? ELFImage(path: path) else { return nil }
        if let found = find(function, among: image.symbols) { return found }
        var found: UInt64?
        ImageLoader(style: .best, settings: SymbolSettings()).forEachDebugFile(
            of: path, image.layout, buildID: nil
        ) { candidate, _ in
            guard let file = try? ELFFile(path: path), let debug = try? ELFFile(path: candidate) else { return false }
            let image = ELFImage(reading: file, debugFile: debug, withDynamicSymbols: true)
            found = find(function, among: image.symbols)
            return found != nil
        }
        return found
    }

    /// The readable name of the function whose name is nearest to one that was not found.
    package static func nearest(_ function: String, in path: String) -> String? {
        guard let image = try? ELFImage(path: path) else { return nil }
        let names = image.symbols.symbols.lazy.filter(\.isFunction).map { symbol in
            FoldedNames.best(symbol: image.symbols.name(symbol.name))
        }
        return NearestName.of(function, among: names)
    }

    private static func find(_ function: String, among list: SymbolList) -> UInt64? {
        let wanted = Array(function.utf8)
        // A PLT stub has the name of the function in another file that it jumps to.
        let functions = list.symbols.filter { $0.isFunction && $0.origin != .plt && $0.origin != .pltSlot }
        let exact = functions.first { list.name($0.name).prefix { $0 != UInt8(ascii: "@") }.elementsEqual(wanted) }
        return (exact ?? functions.first { FoldedNames.best(symbol: list.name($0.name)) == function })?.start
    }
}
