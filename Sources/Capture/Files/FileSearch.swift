import PerfData

/// Finds recorded files that their paths do not lead to: below the roots that were held, and in living processes, which are looked
/// at once, when the first such file is asked for.
final class FileSearch {
    private let roots: ForeignRoots
    private let workload: Set<Int32>?
    /// By device and inode.
    private var mapped: [MappedIdentity: String]?

    /// `workload`: its roots, `nil` where every process is of it.
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
