import Glibc
import LinuxSystem

/// The processes that run now, as procfs lists them (proc_pid_stat(5)).
struct ProcessTable {
    /// Parents by process; zombies are left out.
    private(set) var parents: [Int32: Int32] = [:]

    init(parents: [Int32: Int32]) {
        self.parents = parents
    }

    static func read() -> ProcessTable {
        var parents: [Int32: Int32] = [:]
        for process in DirectoryEntries.numbers(in: "/proc") {
            guard let stat = ProcessStat(of: process), !stat.isZombie else { continue }
            parents[process] = stat.parent
        }
        return ProcessTable(parents: parents)
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
}

extension ProcessTable {
    /// Throws unless `process` is a running process, as -p requires.
    func check(_ process: Int32) throws(RecordingError) {
        if parents[process] != nil { return }
        if let leader = ProcessStatus(of: process)?.leader, leader != process { throw .isThread(process, of: leader) }
        throw .noSuchProcess(process)
    }
}
