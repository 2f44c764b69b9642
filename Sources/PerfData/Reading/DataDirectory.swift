internal import Glibc
internal import LinuxSystem

/// The files of a recording in directory mode (`perf record --threads`): `data`, a perf.data file with the header and
/// perf's own records, and `data.0`, `data.1`… with the records of each ring buffer, without a header
/// (tools/perf/Documentation/perf.data-directory-format.txt).
struct DataDirectory {
    let path: String
    /// `data` first, then the others by their numbers.
    let names: [String]

    static let headerName = "data"
    /// Far more rings than any machine has CPUs; a directory with more is rejected.
    private static let mostParts = 1 << 16

    var headerPath: String { path + "/" + Self.headerName }

    /// `listing`: the directory, open for reading its names.
    init(path: String, listing: consuming OwnedDescriptor) throws(PerfDataError) {
        var hasHeader = false
        var numbers: [Int] = []
        do throws(SystemError) {
            try DirectoryEntries.forEach(in: listing) { name in
                if name == Self.headerName { hasHeader = true }
                if let number = Self.number(of: name) { numbers.append(number) }
                return numbers.count <= Self.mostParts
            }
        } catch {
            throw .unreadable(path: path, errno: error.code)
        }
        guard numbers.count <= Self.mostParts else {
            throw .invalidDirectory(path: path, reason: "there are more than \(Self.mostParts) data files")
        }
        guard hasHeader else { throw .directory(path: path) }
        self.path = path
        names = [Self.headerName] + numbers.sorted().map { "\(Self.headerName).\($0)" }
    }

    /// The number in a name such as `data.7`; `nil` for names that perf does not write (`data.07`, `data.old`).
    static func number(of name: String) -> Int? {
        guard name.hasPrefix("data."), let number = Int(name.dropFirst(5)), number >= 0, name == "data.\(number)" else {
            return nil
        }
        return number
    }
}
