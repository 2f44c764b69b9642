/// Which files a worker may be given. Its parent applies this policy, since a compromised worker may ask for anything.
package struct FilePolicy: Sendable {
    /// Sessions that the user named.
    package var sessions: Set<String> = []
    /// Results that the user named.
    package var results: Set<String> = []
    /// perf's build-ID cache, whose copies of /proc/kallsyms may be read.
    package var buildIDCache: String?
    /// Paths of root directories that this process holds open.
    package var roots: Set<String> = []

    package init(sessions: [String] = [], results: [String] = []) {
        self.sessions = Set(sessions)
        self.results = Set(results)
    }

    func allows(_ request: FileRequest) -> Bool {
        switch request {
        // `FileOpener` gives only regular files that begin with the ELF magic.
        case .image(let path): path.hasPrefix("/")
        case .session(let path): sessions.contains(path)
        case .sessionPart(let directory, let name): sessions.contains(directory) && Self.isPart(name)
        case .text(let path): isText(path)
        case .jit(let directory, let parts): isRoot(directory) && Self.isJIT(parts)
        case .temporary, .commit, .debugFile: true
        case .stage(let path, _): results.contains(path)
        }
    }

    /// Whether `name` is `data` or `data.N`, as in a directory of `perf record --threads`.
    private static func isPart(_ name: String) -> Bool {
        name == "data" || name.hasPrefix("data.") && isNumber(name.dropFirst(5))
    }

    private func isText(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(".."), !parts.contains(".") else { return false }
        if path == "/proc/kallsyms" || path == "/sys/kernel/notes" { return true }
        if parts.count == 4, parts[1] == "proc", Self.isNumber(parts[2]) {
            return parts[3] == "stat" || parts[3] == "status"
        }
        guard let buildIDCache else { return false }
        return path.hasPrefix(buildIDCache + "/.build-id/") && parts.last == "kallsyms"
    }

    /// Whether `directory` is `/`, `/tmp`, a root that is held open, or `/proc/PID/root`.
    private func isRoot(_ directory: String) -> Bool {
        if directory == "/" || directory == "/tmp" || roots.contains(directory) { return true }
        let parts = directory.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0].isEmpty && parts[1] == "proc" && Self.isNumber(parts[2])
            && parts[3] == "root"
    }

    /// Whether `parts` name `…/perf-PID.map` or `…/jit-PID.dump`, without `..`.
    private static func isJIT(_ parts: [String]) -> Bool {
        guard let name = parts.last, !parts.contains(".."), !parts.contains(where: { $0.contains("/") || $0.isEmpty })
        else { return false }
        for (prefix, suffix) in [("perf-", ".map"), ("jit-", ".dump")]
        where name.hasPrefix(prefix) && name.hasSuffix(suffix)
            && name.utf8.count > prefix.utf8.count + suffix.utf8.count
        {
            return isNumber(name.dropFirst(prefix.count).dropLast(suffix.count))
        }
        return false
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.count < 20
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
