/// A function that an address lies in, of those that the compiler put into each other, and the line that is executed in it.
public struct SourceFrame: Hashable, Sendable {
    /// As the debug information has it, mangled where the language does so; `nil` for the outermost, which the symbols name.
    public var function: [UInt8]?
    /// Whether `function` is a symbol's name, which may be mangled.
    public var isSymbol: Bool
    /// The path of the source file, as the compiler was given it, with its directory before it where it is relative.
    public var file: [UInt8]
    /// From 1; 0 where it is not known.
    public var line: UInt32

    package init(function: [UInt8]?, isSymbol: Bool, file: [UInt8], line: UInt32) {
        self.function = function
        self.isSymbol = isSymbol
        self.file = file
        self.line = line
    }
}
