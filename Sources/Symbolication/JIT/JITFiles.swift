internal import ELFImages
internal import Glibc
internal import LinuxSystem

/// Finds the files in which JIT compilers name their code, and checks that they belong to the recorded process.
struct JITFiles {
    let settings: SymbolSettings
    let style: NameStyle
    /// Processes whose pid in their own namespace, or whose root directory, differs from the recorder's.
    let processes: [Int32: RecordedProcess]

    /// At most this many bytes of a map are read.
    static let largestMap = 256 << 20
    /// A map is read up to twice its size on disk, but at least up to this: some file systems report no blocks.
    private static let leastMap = 8 << 20
    /// Tolerance in nanoseconds: the kernel's file timestamps lag by up to a tick, and clocks get set.
    private static let slack: UInt64 = 1_000_000_000

    // MARK: - Maps

    /// The lines of a process's `perf-PID.map`; empty if no file can be its own. `path` is the path that perf uses.
    func map(_ path: String, of known: JITProcess?) -> (bytes: [UInt8], problems: [ImageError]) {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        var problems: [ImageError] = []
        for place in mapPlaces(name, of: known) {
            do throws(JITFileError) {
                let file = try JITFile(directory: place.directory, parts: place.parts)
                guard let file else { continue }
                if place.isPrivate {
                    try checkTime(written: file.written, of: known)
                } else {
                    try check(file.status, written: file.written, of: known, owner: place.owner)
                }
                let onDisk = Int(clamping: file.sizeOnDisk)
                let lines = file.lines(limit: min(Self.largestMap, max(Self.leastMap, onDisk &* 2)))
                if lines.isCut { problems.append(ImageError(path: path, reason: .jitFile(.cut))) }
                return (lines.bytes, problems)
            } catch {
                problems.append(ImageError(path: path, reason: .jitFile(error)))
            }
        }
        return ([], problems)
    }

    private struct Place {
        var directory: String
        var parts: [String]
        /// The user of the process, if it still runs.
        var owner: UInt32?
        /// Whether no process outside the root directory can have written there.
        var isPrivate = false
    }

    /// Where the map may be: a process names it by its pid in its innermost namespace, in the /tmp of its own root
    /// directory.
    private func mapPlaces(_ name: String, of known: JITProcess?) -> [Place] {
        var places: [Place] = []
        if style == .best, let known {
            let living = LivingProcess(known.process, since: known.since, settings: settings)
            let recorded = processes[known.process]
            let number = recorded?.innermostNumber ?? living?.innermostNumber ?? known.process
            let map = "perf-\(number).map"
            if let root = foundRoot(of: known.process) {
                places.append(
                    Place(
                        directory: root.path, parts: ["tmp", map], owner: living?.user,
                        isPrivate: root.hasOwnTemporaries))
            }
            if let living {
                let root = "/proc/\(known.process)/root"
                places.append(Place(directory: root, parts: ["tmp", map], owner: living.user))
            }
            // Outside that root directory, the pid may be that of another process.
            if number != known.process {
                if places.isEmpty, recorded?.root == nil {
                    places.append(Place(directory: settings.jitMapDirectory, parts: [map], owner: nil))
                }
                return places
            }
        }
        return places + [Place(directory: settings.jitMapDirectory, parts: [name], owner: nil)]
    }

    private func foundRoot(of process: Int32) -> FoundFiles.Root? {
        guard let root = processes[process]?.root, settings.found.roots.indices.contains(root) else { return nil }
        return settings.found.roots[root]
    }

    // MARK: - Dumps

    func dump(_ dump: JITProcess.Dump, of known: JITProcess, machine: UInt32?) throws(ImageError) -> JITDump {
        let parts = dump.path.split(separator: "/").map(String.init)
        let living = LivingProcess(known.process, since: known.since, settings: settings)
        var roots = ["/"]
        if living != nil { roots.insert("/proc/\(known.process)/root", at: 0) }
        if let root = foundRoot(of: known.process) { roots.insert(root.path, at: 0) }
        var reason = ImageError.Reason.file(.unreadable(ENOENT))
        for root in roots {
            do throws(JITFileError) {
                guard let file = try JITFile(directory: root, parts: parts) else { continue }
                // The process itself had this very file mapped, so its owner does not matter.
                if let inode = dump.inode, inode != 0, inode != UInt64(file.status.st_ino) { throw .otherFile }
                try checkTime(written: file.written, of: known)
                do throws(JITDumpError) {
                    return try JITDump(size: file.size, machine: machine) { file.bytes(at: $0, count: $1) }
                } catch {
                    reason = .jitDump(error)
                }
            } catch {
                reason = .jitFile(error)
            }
        }
        throw ImageError(path: dump.path, reason: reason)
    }

    // MARK: - Whose they are

    private func check(
        _ status: stat, written: UInt64, of known: JITProcess?, owner: UInt32?
    ) throws(JITFileError) {
        // perf trusts files of root and of its own user.
        let user = status.st_uid
        let isTrusted = user == 0 || user == FileAccess.user
        guard style == .best else {
            if !isTrusted { throw .otherOwner(user) }
            return
        }
        let isOfCommand = user == owner || user == settings.commandUser || user == Invoker.current?.uid
        guard isTrusted || isOfCommand else { throw .otherOwner(user) }
        try checkTime(written: written, of: known)
    }

    private func checkTime(written: UInt64, of known: JITProcess?) throws(JITFileError) {
        guard let known else { return }
        let living = LivingProcess(known.process, since: known.since, settings: settings)
        let began = known.since.flatMap(settings.wallTime) ?? living?.began ?? 0
        guard written &+ Self.slack >= began else { throw .earlier }
        // A process that still runs may have compiled more after the recording.
        if living == nil, let end = settings.endWall, written > end &+ Self.slack { throw .later }
    }
}
