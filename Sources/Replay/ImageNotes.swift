internal import ELFImages
internal import Symbolication

extension Symbolizer {
    /// Messages for the user about files that should have names but provide none, one line each.
    package var imageNotes: [String] {
        problems.compactMap { problem in
            switch problem.reason {
            case .jitFile(.cut): "\(problem.path) is too large: functions at its end have no names"
            case .jitFile(let reason): "\(problem.path) \(reason.text): its functions have no names"
            case .jitDump(let reason): "\(problem.path) \(reason.text)"
            case .file where problem.isOfJITDump: "\(problem.path) cannot be read: its functions have no names"
            case .otherDebugFile(let file): "\(file) is the debug file of another build than \(problem.path)"
            case .otherMachine:
                "it was recorded on \(problem.path), not on this machine: files and symbols here name what has their build ID, and nothing else"
            case .missingDebugFile(let file):
                "\(problem.path) has debug information in \(file), which is missing or of another build: some lines are not known"
            case .goTable(let reason): "\(problem.path) \(reason.text): its functions have no names"
            case .file(.tooLarge(let section, let size)):
                "\(problem.path) is not read: its \(section) would be \(size)"
            case .limit(let limit): "\(problem.path) \(limit.text)"
            case .tooManyFiles:
                "\(problem.path) and files met later are not read: those before have as many symbols as are kept"
            case .recordedNames(let offset):
                "the names that its recorder put into it are damaged at offset \(offset) of them: some functions have no names"
            case .longNames: "\(problem.path) has names that would be too long: they are cut or stay mangled"
            case .file, .otherBuild, .otherFile, .hiddenKernelSymbols: nil
            }
        }
    }
}

extension GoTableError {
    fileprivate var text: String {
        switch self {
        case .beforeGo116: "is stripped and was built by Go before 1.16, whose function table is not read"
        case .withoutStart:
            "is stripped and was linked by C's linker, so that Go's function table does not say where functions begin"
        case .unknown: "is stripped, and its Go function table is damaged or of a layout that is not known"
        }
    }
}

extension ReadingLimit {
    fileprivate var text: String {
        switch self {
        case .section(let name): "is mostly holes, or says more than it holds: \(name) is not read"
        case .longNames: "has names of more than 4 KiB: they are cut"
        case .symbols: "has more symbols than are read: some functions have no names"
        case .debugInformation: "has more debug information than is read: no lines are known of it"
        case .miniDebugInformation: "has more compressed symbols than are read"
        }
    }
}

extension JITFileError {
    fileprivate var text: String {
        switch self {
        case .notRegular: "is no regular file"
        case .otherOwner(let user): "belongs to user \(user), who did not run that process"
        case .earlier: "is older than the process, of another one with its number"
        case .later: "was written after the recording, by another process with that number"
        case .otherFile: "is not the file that the process had mapped"
        case .cut: "is too large"
        }
    }
}

extension JITDumpError {
    fileprivate var text: String {
        let nothing = "its functions have no names"
        return switch self {
        case .notADump: "is no dump of a JIT compiler: \(nothing)"
        case .otherByteOrder: "was written on a machine of the other byte order: \(nothing)"
        case .version(let version): "has version \(version), version 1 is read: \(nothing)"
        case .otherMachine(let number): "is of another kind of machine (ELF number \(number)): \(nothing)"
        case .architectureTime:
            "has times of a CPU's counter, not of CLOCK_MONOTONIC: \(nothing)"
        case .damaged(let offset): "is damaged at offset \(offset): what was compiled later has no names"
        case .tooLarge: "is too large: what was compiled later has no names"
        }
    }
}
