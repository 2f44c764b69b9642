import Glibc
import TestSupport

/// Files of the repository, by their path in it.
enum TextFile {
    struct Unreadable: Error { var path: String }

    static func content(_ path: String) throws -> String {
        guard let file = fopen("\(Workload.root)/\(path)", "re") else { throw Unreadable(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func exists(_ path: String) -> Bool { access("\(Workload.root)/\(path)", F_OK) == 0 }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat("\(Workload.root)/\(path)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a directory, sorted; none where there is no such directory.
    static func names(in path: String) -> [String] {
        guard let directory = opendir("\(Workload.root)/\(path)") else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The files below a directory whose names end in `suffix`, sorted.
    static func files(below path: String, suffix: String) -> [String] {
        names(in: path).flatMap { name -> [String] in
            let file = "\(path)/\(name)"
            return name.hasSuffix(suffix) && !isDirectory(file) ? [file] : files(below: file, suffix: suffix)
        }
    }
}
