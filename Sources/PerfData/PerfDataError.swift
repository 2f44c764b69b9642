internal import Glibc
internal import LinuxSystem

/// Why a file cannot be read at all. A merely damaged file is read as far as possible; `Damage` describes the damage.
public enum PerfDataError: Error, Hashable, Sendable {
    /// open(2), fstat(2) or mmap(2) failed with this errno.
    case unreadable(path: String, errno: Int32)
    /// What came through a pipe could not be put into a temporary file in `directory`.
    case notSpooled(path: String, directory: String, errno: Int32)
    /// A directory without the file `data` of `perf record --threads`.
    case directory(path: String)
    /// The directory is not one that perf writes; `reason` says why.
    case invalidDirectory(path: String, reason: String)
    /// A device or a socket, which cannot be read as a recording.
    case notRegular(path: String)
    /// The file has no bytes.
    case empty(path: String)
    /// The file does not start with a perf.data magic.
    case foreign(path: String)
    /// Written on a big-endian machine.
    case bigEndian(path: String)
    /// A header field at `offset` does not fit the file.
    case invalidHeader(path: String, offset: Int, reason: String)
}

extension PerfDataError {
    /// The error for a path that could not be opened.
    init(_ failure: FileError, path: String) {
        self =
            switch failure {
            case .system(let code): .unreadable(path: path, errno: code)
            case .notRegular: .notRegular(path: path)
            case .refused, .foreignLink: .unreadable(path: path, errno: EACCES)
            }
    }
}

/// The first inconsistency in a file's data. Everything before `offset` was read.
public struct Damage: Hashable, Sendable {
    /// Why the data end there.
    public enum Reason: Hashable, Sendable {
        /// The recorder never wrote the size of the data: it was killed, or the disk was full.
        case recorderDidNotFinish
        /// The last record is incomplete.
        case tornRecord
        /// A record states this size, which is smaller than its header.
        case invalidRecordSize(Int)
        /// A compressed record cannot be inflated.
        case invalidCompression
        /// Compressed records inflate to more than the limit: 64 MiB plus 64 times their own size.
        case tooMuchCompressed
        /// The header states more data than the file has.
        case truncatedFile
        /// The data are complete, but the features after them are not.
        case truncatedFeatures
    }

    /// Why the data end there.
    public var reason: Reason
    /// Bytes from the start of the file.
    public var offset: Int
    /// The damaged file of a recording in directory mode, such as `data.3`; `nil` if the recording is one file.
    public var fileName: String?

    init(reason: Reason, offset: Int, fileName: String? = nil) {
        (self.reason, self.offset, self.fileName) = (reason, offset, fileName)
    }
    /// Converts an offset in the mapping of several files to one in its file, and sets `fileName`.
    mutating func place(in parts: [Range<Int>], names: [String]) {
        guard let index = parts.lastIndex(where: { $0.lowerBound <= offset }), names.indices.contains(index) else {
            return
        }
        offset -= parts[index].lowerBound
        fileName = names[index]
    }
}
