internal import Symbolication

extension Symbolizer {
    /// What the user should know of files in which JIT compilers name their code, a line each.
    package var jitRemarks: [String] {
        problems.compactMap { problem in
            switch problem.reason {
            case .jitFile(.cut): "\(problem.path) is too large: functions at its end have no names"
            case .jitFile(let reason): "\(problem.path) \(reason.text): its functions have no names"
            case .jitDump(let reason): "\(problem.path) \(reason.text)"
            case .file where problem.isOfJITDump: "\(problem.path) cannot be read: its functions have no names"
            case .file, .otherBuild, .otherFile, .hiddenKernelSymbols: nil
            }
        }
    }
}

extension JITFileProblem {
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

extension JITDumpProblem {
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
