import Glibc
import LinuxSystem

/// The file that a command's name stands for, links followed.
struct CommandFile {
    let path: String
    let owner: UInt32

    /// A name without `/` is looked up in PATH as execvp(3) does; `nil` if nothing executable is found.
    init?(_ name: String) {
        var candidates = [name]
        if !name.contains("/") {
            let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/bin:/usr/bin"
            candidates = path.split(separator: ":", omittingEmptySubsequences: false).map { directory in
                directory.isEmpty ? "./\(name)" : "\(directory)/\(name)"
            }
        }
        for candidate in candidates where unsafe access(candidate, X_OK) == 0 {
            guard let file = Self.resolved(candidate) else { continue }
            self = file
            return
        }
        return nil
    }

    private init(path: String, owner: UInt32) {
        self.path = path
        self.owner = owner
    }

    /// `nil` if the path does not exist.
    static func resolved(_ path: String) -> CommandFile? {
        guard let whole = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(whole) }
        let path = unsafe String(cString: whole)
        guard let status = try? FileStatus(path) else { return nil }
        return CommandFile(path: path, owner: status.owner)
    }
}
