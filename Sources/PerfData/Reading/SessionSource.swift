internal import Glibc
internal import LinuxSystem

/// An open session of one of the kinds that a path can lead to.
enum SessionSource: ~Copyable {
    case file(OwnedDescriptor)
    /// A FIFO, or standard input that is not a regular file. It must be copied to a temporary file.
    case stream(OwnedDescriptor)
    case directory(DataDirectory)

    /// Opens the session at `path`; `-` is standard input.
    static func open(_ path: String) throws(PerfDataError) -> SessionSource {
        let descriptor: OwnedDescriptor
        do throws(FileError) {
            descriptor = path == "-" ? try FileAccess.duplicate(0) : try FileAccess.open(.session(path: path))
        } catch {
            throw PerfDataError(error, path: path)
        }
        var status = stat()
        guard unsafe fstat(descriptor.number, &status) == 0 else { throw .unreadable(path: path, errno: errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(descriptor)
        case S_IFDIR:
            guard path != "-" else { throw .directory(path: path) }
            return .directory(try DataDirectory(path: path, listing: descriptor))
        case S_IFIFO: return .stream(descriptor)
        default:
            guard path == "-" else { throw .notRegular(path: path) }
            return .stream(descriptor)
        }
    }
}
