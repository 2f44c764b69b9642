internal import SpawnModel

/// Failed exec attempts as execvp(3) makes them: for one name in one directory after another.
struct PathSearch: Hashable, Sendable {
    private(set) var directories: Set<Substring> = []
    private(set) var attempts = 0
    private var name: Substring?
    /// Some attempt was of another kind, or is unknown.
    private var isOther = false

    /// The errors after which execvp continues: EACCES, ENOENT, ENODEV, ENOTDIR, ETIMEDOUT, ESTALE.
    private static let passedOver: Set<Int32> = [13, 2, 19, 20, 110, 116]

    mutating func addFailure(_ failure: FailureTable.Failure) {
        attempts += 1
        guard !isOther else { return }
        guard let path = failure.path, let errno = failure.errno, Self.passedOver.contains(errno),
            directories.count < SpawnObservations.mostFailures
        else { return isOther = true }
        let (directory, name) = Self.parts(path)
        if self.name == nil { self.name = name }
        guard self.name == name else { return isOther = true }
        directories.insert(directory)
    }

    /// Whether the attempts were a search through several directories that found `path` in the last.
    func found(_ path: String) -> Bool {
        guard !isOther, let name else { return false }
        let (directory, foundName) = Self.parts(path)
        return foundName == name && (directories.count > 1 || !directories.contains(directory))
    }

    private static func parts(_ path: String) -> (directory: Substring, name: Substring) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path[...]) }
        return (path[..<slash], path[path.index(after: slash)...])
    }
}
