import PerfData

/// Finds recorded files that their own paths do not lead to: below the root directories held open, and in living
/// processes, which are searched once, when the first such file is asked for.
final class FileSearch {
    private let roots: ForeignRoots
    private let workload: Set<Int32>?
    /// Paths by device and inode; `nil` before the living processes are searched.
    private var mapped: [MappedIdentity: String]?

    /// `workload`: its root processes; `nil` if every process belongs to it.
    init(roots: ForeignRoots, of workload: Set<Int32>?) {
        self.roots = roots
        self.workload = workload
    }

    func file(_ file: ExecutableFile) -> RecordedFile? {
        if mapped == nil { lookAtTheLiving() }
        if let found = roots.file(file) { return consume found }
        let identity = MappedIdentity(major: file.major, minor: file.minor, inode: file.inode)
        guard let path = mapped?[identity], let found = RecordedFile(path: Array(path.utf8)), found.isSame(as: file)
        else { return nil }
        return consume found
    }

    private func lookAtTheLiving() {
        let living = LivingWorkload(roots: workload)
        for process in living.processes { roots.hold(process) }
        mapped = living.mappedFiles()
    }
}
