import Glibc
import LinuxSystem
import PerfData

/// The processes of the workload that still live, through which files can be reached that no path here leads to.
struct LivingWorkload {
    /// At most this many processes are looked at.
    private static let most = 4096
    /// The most bytes of /proc/PID/maps read for all of them; a process may have any number of mappings.
    private static let mostMaps = 64 << 20

    let processes: [Int32]

    /// `roots`: the workload's root processes; `nil` if every process belongs to it.
    init(roots: Set<Int32>?) {
        let table = ProcessTable.read()
        let all = roots.map { table.descendants(of: Array($0)) } ?? table.parents.keys.sorted()
        processes = Array(all.prefix(Self.most))
    }

    /// Whether a process descends from one of `roots`, as far as its living ancestors show; true if `roots` is `nil`.
    static func isPart(_ process: Int32, of roots: Set<Int32>?) -> Bool {
        guard let roots else { return true }
        var process = process
        for _ in 0..<64 {
            if roots.contains(process) { return true }
            guard let stat = ProcessStat(of: process), stat.parent > 0 else { return false }
            process = stat.parent
        }
        return false
    }

    /// Paths of the files that the processes now have mapped executable, by device and inode as in records. They lead
    /// to a file even if it has no name (proc_pid_map_files(5)).
    func mappedFiles() -> [MappedIdentity: String] {
        var files: [MappedIdentity: String] = [:]
        var room = Self.mostMaps
        for process in processes where room > 0 {
            let maps = (try? SystemFile.bytes("/proc/\(process)/maps", limit: min(room, 1 << 24))) ?? []
            room -= maps.count
            for line in maps.split(separator: UInt8(ascii: "\n")) {
                guard let mapping = EarlierProcess.executableMapping(line), mapping.inode != 0 else { continue }
                let identity = MappedIdentity(major: mapping.major, minor: mapping.minor, inode: mapping.inode)
                let range = [mapping.start, mapping.start &+ mapping.length].map { String($0, radix: 16) }
                files[identity] = "/proc/\(process)/map_files/\(range[0])-\(range[1])"
            }
        }
        return files
    }
}

/// What identifies a mapped file in records.
struct MappedIdentity: Hashable {
    var major: UInt32
    var minor: UInt32
    var inode: UInt64
}
