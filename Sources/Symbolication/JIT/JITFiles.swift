internal import ELFImages
internal import Glibc
internal import LinuxSystem

/// Where the files lie in which JIT compilers name their code, and whether they are of the process that was recorded.
struct JITFiles {
    let settings: SymbolSettings
    let style: NameStyle
    /// What the session tells of processes that are elsewhere.
    let processes: [Int32: RecordedProcess]

    /// No map is read further, in bytes.
    static let largestMap = 256 << 20
    /// What is read of a map of which the file system tells no blocks; else twice of what it tells.
    private static let leastMap = 8 << 20
    /// The kernel stamps files by a clock that lags behind by a tick, and clocks are set: nanoseconds.
    private static let slack: UInt64 = 1_000_000_000

    // MARK: - Maps

    /// The lines of a process's `perf-PID.map`; empty where there is none that can be its own. `path` is as perf calls it.
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
        /// The user of the process, which lives.
        var owner: UInt32?
        /// Nobody else can have written there.
        var isPrivate = false
    }

    /// A process calls itself by the number of its innermost namespace, and its /tmp is one of its own root directory.
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
            // Elsewhere another namespace's number is somebody else's.
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
                // The process itself had this very file mapped: whose it is does not matter.
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
        // perf believes files of root and of its own user.
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
        // The process may have compiled on after the recording.
        if living == nil, let end = settings.endWall, written > end &+ Self.slack { throw .later }
    }
}
