package import ELFImages

/// Why the addresses in one image have no names.
package struct ImageError: Error, Hashable, Sendable {
    package enum Reason: Error, Hashable, Sendable {
        /// The file cannot be read as an ELF file.
        case file(ELFError)
        /// The file is of another build than the recorded one. `found` is its build ID, empty if it has none.
        case otherBuild(recorded: [UInt8], found: [UInt8])
        /// The file at this path, where its debug file is expected, belongs to another build.
        case otherDebugFile(String)
        /// Part of its debug information is in a file of this name, which is missing or belongs to another build.
        case missingDebugFile(String)
        /// It is a stripped Go program whose function table cannot be read.
        case goTable(GoTableError)
        /// The session was recorded on another machine, named by `path`, and has no build IDs for these files.
        case otherMachine
        /// The path led to another file, or nowhere, when the recording ended.
        case otherFile
        /// The kernel hides its addresses (kptr_restrict), or /proc/kallsyms cannot be read.
        case hiddenKernelSymbols
        /// The file in which a JIT compiler names its code cannot belong to the recorded process, or is not read whole.
        case jitFile(JITFileError)
        /// The JIT compiler's dump is damaged, or of an unsupported kind.
        case jitDump(JITDumpError)
        /// The file exceeds a limit on what is read.
        case limit(ReadingLimit)
        /// The session's files together exceed what is read (`LoadingBudget`).
        case tooManyFiles
        /// The names that the recorder put into the recording are damaged at this offset, or exceed a limit.
        case recordedNames(offset: Int)
        /// A name is too long to be shown whole, or to be demangled.
        case longNames
    }

    package var path: String
    package var reason: Reason

    /// Whether a file exists but is not the recorded one.
    package var isOtherFile: Bool {
        switch reason {
        case .otherFile: true
        case .otherBuild: path.hasPrefix("/")
        case .otherMachine, .file, .otherDebugFile, .missingDebugFile, .goTable, .hiddenKernelSymbols, .jitFile,
            .jitDump, .limit, .tooManyFiles, .recordedNames, .longNames:
            false
        }
    }

    /// Whether the path is that of a JIT compiler's dump.
    package var isOfJITDump: Bool { MappedName.isJITDump(path) }

    package init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }
}
