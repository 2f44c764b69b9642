package import ELFImages

/// Why the addresses in one image have no names.
package struct ImageError: Error, Hashable, Sendable {
    package enum Reason: Error, Hashable, Sendable {
        /// The file cannot be read as an ELF file.
        case file(ELFError)
        /// The file is another build than the one that was recorded; both build IDs, `found` empty where the file has none.
        case otherBuild(recorded: [UInt8], found: [UInt8])
        /// Where its debug file ought to be is another build's.
        case otherDebugFile(String)
        /// Part of its debug information is in a file of this name, which is not there, or is another build's.
        case missingDebugFile(String)
        /// It is a stripped Go program whose function table is not read.
        case goTable(GoTableError)
        /// The session is of another machine, which the path names, and does not say of what build its files were.
        case otherMachine
        /// The path led to another file, or nowhere, when the recording ended.
        case otherFile
        /// The kernel hides its addresses (kptr_restrict), or /proc/kallsyms cannot be read.
        case hiddenKernelSymbols
        /// The file in which a JIT compiler names its code cannot be of the process that was recorded, or is not read whole.
        case jitFile(JITFileError)
        /// The JIT compiler's dump is damaged, or of a kind that is not read.
        case jitDump(JITDumpError)
        /// It holds more than is read of a file.
        case limit(ReadingLimit)
        /// All files of the session together have more symbols than are read (`LoadingBudget`).
        case tooManyFiles
        /// The names that the recorder put into the recording are damaged there, or more than are read.
        case recordedNames(offset: Int)
        /// A name, mangled or not, is longer than what is shown.
        case longNames
    }

    package var path: String
    package var reason: Reason

    /// There is a file, and it is not the one that was recorded.
    package var isOtherFile: Bool {
        switch reason {
        case .otherFile: true
        case .otherBuild: path.hasPrefix("/")
        case .otherMachine, .file, .otherDebugFile, .missingDebugFile, .goTable, .hiddenKernelSymbols, .jitFile,
            .jitDump, .limit, .tooManyFiles, .recordedNames, .longNames:
            false
        }
    }

    /// The path is that of a JIT compiler's dump.
    package var isOfJITDump: Bool { MappedName.isJITDump(path) }

    package init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }
}
