import Glibc

/// The processes that run now, as procfs lists them (proc_pid_stat(5)).
struct ProcessTable {
    /// By process; zombies are left out.
    private(set) var parents: [Int32: Int32] = [:]

    init(parents: [Int32: Int32]) {
        self.parents = parents
    }

    static func read() -> ProcessTable {
        var parents: [Int32: Int32] = [:]
        for process in numbers(in: "/proc") {
            guard let stat = try? readFile("/proc/\(process)/stat", limit: 4096), let status = parse(stat: stat),
                !status.isZombie
            else { continue }
            parents[process] = status.parent
        }
        return ProcessTable(parents: parents)
    }

    /// "pid (comm) state ppid …"; the comm may hold blanks and parentheses.
    static func parse(stat: [UInt8]) -> (parent: Int32, isZombie: Bool)? {
        guard let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = stat[(end + 1)...].split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard fields.count >= 2, let state = fields[0].first,
            let parent = Int32(String(decoding: fields[1], as: UTF8.self))
        else { return nil }
        return (parent, state == UInt8(ascii: "Z") || state == UInt8(ascii: "X"))
    }

    /// `processes` and their descendants, as far as they run; ascending.
    func descendants(of processes: [Int32]) -> [Int32] {
        var children: [Int32: [Int32]] = [:]
        for (process, parent) in parents { children[parent, default: []].append(process) }
        var found: Set<Int32> = []
        var open = processes
        while let process = open.popLast() {
            guard parents[process] != nil, found.insert(process).inserted else { continue }
            open += children[process] ?? []
        }
        return found.sorted()
    }

    /// The entries of a directory that are numbers, ascending; none where it cannot be read.
    static func numbers(in path: String) -> [Int32] {
        names(in: path).compactMap { Int32($0) }.sorted()
    }

    /// The entries of a directory but those that begin with a dot; none where it cannot be read.
    static func names(in path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe _ = closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let bytes = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
            if bytes.first != UInt8(ascii: ".") { names.append(String(decoding: bytes, as: UTF8.self)) }
        }
        return names
    }
}

extension ProcessTable {
    /// `process` as what -p may name: throws where it is no process that runs.
    func check(_ process: Int32) throws(RecordingError) {
        if parents[process] != nil { return }
        let status = (try? readFile("/proc/\(process)/status", limit: 1 << 16)) ?? []
        for line in status.split(separator: UInt8(ascii: "\n")) where line.starts(with: "Tgid:".utf8) {
            let digits = String(decoding: line.dropFirst(5), as: UTF8.self).drop { $0 == "\t" || $0 == " " }
            if let leader = Int32(digits), leader != process { throw .isThread(process, of: leader) }
        }
        throw .noSuchProcess(process)
    }
}
