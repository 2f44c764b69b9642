public import ELFImages

/// Why the addresses in one image have no names.
public struct ImageProblem: Error, Hashable, Sendable {
    public enum Reason: Error, Hashable, Sendable {
        /// The file cannot be read as an ELF file.
        case file(ELFError)
        /// The file is another build than the one that was recorded; both build IDs, `found` empty where the file has none.
        case otherBuild(recorded: [UInt8], found: [UInt8])
        /// The path led to another file, or nowhere, when the recording ended.
        case otherFile
        /// The kernel hides its addresses (kptr_restrict), or /proc/kallsyms cannot be read.
        case hiddenKernelSymbols
    }

    public var path: String
    public var reason: Reason

    /// There is a file, and it is not the one that was recorded.
    public var isOtherFile: Bool {
        switch reason {
        case .otherFile: true
        case .otherBuild: path.hasPrefix("/")
        case .file, .hiddenKernelSymbols: false
        }
    }

    public init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }
}
