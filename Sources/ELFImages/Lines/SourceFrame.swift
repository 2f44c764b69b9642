/// One function of the inline chain around an address, and the line being executed in it.
public struct SourceFrame: Hashable, Sendable {
    /// The name in the debug information, mangled if the language mangles names; `nil` for the outermost function,
    /// whose name comes from the symbols.
    public var function: [UInt8]?
    /// Whether `function` is a symbol's name, which may be mangled.
    public var isSymbol: Bool
    /// The path of the source file as the compiler was given it; a relative one is prefixed with the compilation
    /// directory.
    public var file: [UInt8]
    /// Counted from 1; 0 if unknown.
    public var line: UInt32

    package init(function: [UInt8]?, isSymbol: Bool, file: [UInt8], line: UInt32) {
        self.function = function
        self.isSymbol = isSymbol
        self.file = file
        self.line = line
    }
}
