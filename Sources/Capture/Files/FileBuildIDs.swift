import ByteAccess
import LinuxSystem
import PerfData
import PerfRecords
import Session

/// The build IDs of a recording's files, read from the files when it ends.
struct FileBuildIDs {
    /// Of paths that one file was recorded under.
    private(set) var entries: [FeatureEncoding.BuildID] = []
    /// Of files that share their path with others.
    private(set) var identified: [SessionMetadata.IdentifiedFile] = []
    /// Files that their paths do not lead to, and something else did.
    private(set) var held: [HeldFile] = []
    /// Paths that lead to another file than the one that was recorded, or to the same one with other contents.
    private(set) var replaced: [[UInt8]] = []
    /// Paths that lead nowhere any more.
    private(set) var gone: [[UInt8]] = []

    /// `read` gives the build ID of the ELF file at a path, `nil` where it has none; `wallTime` the time since 1970 of one on
    /// the events' clock; `search` a file that its own path does not lead to.
    init(
        of files: [ExecutableFile], wallTime: (UInt64) -> UInt64 = { _ in .max },
        search: (ExecutableFile) -> RecordedFile? = { _ in nil }, read: (_ path: String) -> [UInt8]?
    ) {
        for files in Self.byPath(files) {
            var isWhole = true
            for file in files {
                func isUnchanged(_ found: borrowing RecordedFile) -> Bool {
                    file.mappedAt == 0 || !found.wasChanged(after: wallTime(file.mappedAt))
                }
                var buildID: [UInt8]?
                if let own = RecordedFile(path: file.path), own.isSame(as: file) {
                    guard isUnchanged(own) else {
                        isWhole = false
                        continue
                    }
                    buildID = read(own.stablePath)
                } else if let found = search(file), isUnchanged(found) {
                    buildID = read(found.stablePath)
                    if held.count < HeldFile.most {
                        held.append(
                            HeldFile(found, path: file.path, buildID: buildID, isOnlyOfPath: files.count == 1))
                    }
                    // What the path leads to here is another file.
                    if buildID?.isEmpty ?? true { isWhole = false }
                } else {
                    isWhole = false
                    continue
                }
                guard let buildID, !buildID.isEmpty else {
                    // Among several it cannot be told which one a mapping is of.
                    if files.count > 1 { isWhole = false }
                    continue
                }
                if files.count == 1 {
                    entries.append(FeatureEncoding.BuildID(path: file.path, buildID: buildID))
                } else {
                    identified.append(SessionMetadata.IdentifiedFile(file, buildID: buildID))
                }
            }
            guard !isWhole, let path = files.first?.path else { continue }
            if files.count == 1, RecordedFile(path: path) == nil { gone.append(path) } else { replaced.append(path) }
        }
    }

    /// Files by path, in the order of their first appearance. procfs, which tells of what was mapped before the recording, knows no
    /// generations: a file without one is the same as one with.
    private static func byPath(_ files: [ExecutableFile]) -> [[ExecutableFile]] {
        var groups: [[ExecutableFile]] = []
        var places: [[UInt8]: Int] = [:]
        // A JIT compiler maps its dump to be found, and goes on writing to it: it is no program.
        for file in files where !isJITDump(file.path) {
            guard let place = places[file.path] else {
                places[file.path] = groups.count
                groups.append([file])
                continue
            }
            let same = groups[place].firstIndex {
                $0.inode == file.inode && $0.major == file.major && $0.minor == file.minor
                    && ($0.generation == file.generation || $0.generation == 0 || file.generation == 0)
            }
            guard let same else {
                groups[place].append(file)
                continue
            }
            groups[place][same].generation = max(groups[place][same].generation, file.generation)
            groups[place][same].mappedAt = min(groups[place][same].mappedAt, file.mappedAt)
        }
        return groups
    }

    /// `…/jit-PID.dump`.
    private static func isJITDump(_ path: [UInt8]) -> Bool {
        guard let name = path.split(separator: UInt8(ascii: "/")).last, name.starts(with: "jit-".utf8),
            name.suffix(5).elementsEqual(".dump".utf8)
        else { return false }
        let number = name.dropFirst(4).dropLast(5)
        return !number.isEmpty && number.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// What the user should know, in one line.
    var note: String? {
        guard let first = replaced.first else { return nil }
        let name = String(decoding: first, as: UTF8.self)
        let others = replaced.count == 1 ? "" : " (and \(replaced.count - 1) more)"
        return "\(name)\(others) is not the file that was recorded: replaced meanwhile, or of another root directory;"
            + " its functions get no names"
    }

    /// What the user should know of files that are gone, in one line.
    var goneNote: String? {
        guard let first = gone.first else { return nil }
        let name = String(decoding: first, as: UTF8.self)
        let others = gone.count == 1 ? "" : " (and \(gone.count - 1) more)"
        return
            "\(name)\(others) could not be reached any more when the recording ended: deleted, or of a mount namespace"
            + " that is gone; its functions get no names"
    }

    /// The paths whose files must not name what was recorded, none twice, up to so many bytes together.
    func others(limit: Int) -> [[UInt8]] {
        var size = 0
        return Array(
            (replaced + gone).prefix { path in
                size += path.count
                return size <= limit
            })
    }

    /// The running kernel's, from its notes.
    static func kernel() -> FeatureEncoding.BuildID? {
        guard let notes = try? SystemFile.bytes("/sys/kernel/notes", limit: 1 << 16),
            let buildID = buildID(inNotes: notes)
        else {
            return nil
        }
        return FeatureEncoding.BuildID(path: Array("[kernel.kallsyms]".utf8), buildID: buildID, isKernel: true)
    }

    /// NT_GNU_BUILD_ID (3) of "GNU" among ELF notes: `u32` name size, descriptor size and type, then both, padded to 4 bytes.
    static func buildID(inNotes notes: [UInt8]) -> [UInt8]? {
        let bytes = unsafe notes.span.bytes
        var offset = 0
        while let nameSize = bytes.load(UInt32.self, at: offset), let size = bytes.load(UInt32.self, at: offset &+ 4),
            let type = bytes.load(UInt32.self, at: offset &+ 8)
        {
            let name = offset &+ 12
            let start = name &+ (Int(nameSize) &+ 3) & ~3
            let end = start &+ Int(size)
            guard end <= bytes.byteCount else { return nil }
            if type == 3, nameSize == 4, bytes.load(UInt32.self, at: name) == 0x55_4e47 {
                return bytes.bytes(in: start..<end)
            }
            offset = start &+ (Int(size) &+ 3) & ~3
        }
        return nil
    }
}

extension SessionMetadata.IdentifiedFile {
    fileprivate init(_ file: ExecutableFile, buildID: [UInt8]) {
        self.init(
            path: String(decoding: file.path, as: UTF8.self), major: file.major, minor: file.minor, inode: file.inode,
            buildID: buildID)
    }
}
