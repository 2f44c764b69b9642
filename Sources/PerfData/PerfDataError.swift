internal import Glibc
internal import LinuxSystem

/// Why a file cannot be read at all. What is merely damaged is read as far as it goes and described by `Damage`.
public enum PerfDataError: Error, Hashable, Sendable {
    /// open(2), fstat(2) or mmap(2) failed with this errno.
    case unreadable(path: String, errno: Int32)
    /// What came through a pipe could not be put into a temporary file in `directory`.
    case notSpooled(path: String, directory: String, errno: Int32)
    /// A directory without the file `data` of `perf record --threads`.
    case directory(path: String)
    /// The directory is none that perf writes; `reason` says why.
    case invalidDirectory(path: String, reason: String)
    /// A device or a socket, which cannot be read as a recording.
    case notRegular(path: String)
    /// The file has no bytes.
    case empty(path: String)
    /// The first bytes are no perf.data magic.
    case foreign(path: String)
    /// Written on a big-endian machine.
    case bigEndian(path: String)
    /// A header field at `offset` does not fit the file.
    case invalidHeader(path: String, offset: Int, reason: String)
}

extension PerfDataError {
    /// Why a path gave nothing to read.
    init(_ failure: FileError, path: String) {
        self =
            switch failure {
            case .system(let code): .unreadable(path: path, errno: code)
            case .notRegular: .notRegular(path: path)
            case .refused, .foreignLink: .unreadable(path: path, errno: EACCES)
            }
    }
}

/// The first thing in a file's data that does not hold together. Everything before `offset` was read.
public struct Damage: Hashable, Sendable {
    /// Why the data end there.
    public enum Reason: Hashable, Sendable {
        /// The recorder never wrote the size of the data: it was killed, or the disk was full.
        case recorderDidNotFinish
        /// The last record is not all there.
        case tornRecord
        /// A record claims this size, which is below its header's.
        case invalidRecordSize(Int)
        /// A compressed record cannot be inflated.
        case invalidCompression
        /// Compressed records hold more than is unpacked: 64 MiB, and 64 times their own size.
        case tooMuchCompressed
        /// The header says more data than the file has.
        case truncatedFile
        /// The data are all there, but not all of what the file says of itself behind them.
        case truncatedFeatures
    }

    /// Why the data end there.
    public var reason: Reason
    /// Bytes from the start of the file.
    public var offset: Int
    /// The file of a recording in directory mode, such as `data.3`; `nil` where the recording is one file.
    public var fileName: String?

    init(reason: Reason, offset: Int, fileName: String? = nil) {
        (self.reason, self.offset, self.fileName) = (reason, offset, fileName)
    }
    /// An offset among files that lie one behind the other becomes that of the file.
    mutating func place(in parts: [Range<Int>], names: [String]) {
        guard let index = parts.lastIndex(where: { $0.lowerBound <= offset }), names.indices.contains(index) else {
            return
        }
        offset -= parts[index].lowerBound
        fileName = names[index]
    }
}
