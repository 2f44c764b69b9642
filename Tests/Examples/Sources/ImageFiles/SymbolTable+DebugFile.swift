import ELFImages

extension SymbolTable {
    /// The symbols of a file, and of its debug file where one is installed, as distributions do under the build ID.
    public init(of file: borrowing ELFFile) {
        let digits = (file.layout.buildID ?? []).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        let path = "/usr/lib/debug/.build-id/\(digits.prefix(1).joined())/\(digits.dropFirst().joined()).debug"
        if let debugFile = try? ELFFile(path: path), debugFile.layout.buildID == file.layout.buildID {
            self.init(ELFImage(reading: file, debugFile: debugFile, withDynamicSymbols: true))
        } else {
            self.init(ELFImage(reading: file))
        }
    }
}
