import ByteAccess
import LinuxSystem
import PerfData
import PerfRecords
import Session

/// The build IDs of a recording's files, read from the files when it ends.
struct FileBuildIDs {
    /// Build IDs of paths under which only one file was recorded.
    private(set) var entries: [FeatureEncoding.BuildID] = []
    /// Build IDs of files that share their path with other files.
    private(set) var identified: [SessionMetadata.IdentifiedFile] = []
    /// Files that were found although their paths do not lead to them.
    private(set) var held: [HeldFile] = []
    /// Paths that lead to another file than the recorded one, or to the same file with changed contents.
    private(set) var replaced: [[UInt8]] = []
    /// Paths that lead nowhere any more.
    private(set) var gone: [[UInt8]] = []

    /// `read` gives the build ID of the ELF file at a path, or `nil`; `wallTime` converts a time of the events' clock
    /// to one since 1970, in nanoseconds; `search` finds a file that its own path does not lead to.
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
                    // Without a build ID, only the path is left, which leads to another file here.
                    if buildID?.isEmpty ?? true { isWhole = false }
                } else {
                    isWhole = false
                    continue
                }
                guard let buildID, !buildID.isEmpty else {
                    // Without a build ID, mappings of several files under one path cannot be told apart.
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

    /// Groups files by path, in the order of their first appearance. Mappings from before the recording come from
    /// procfs, which does not give inode generations: generation 0 matches any other.
    private static func byPath(_ files: [ExecutableFile]) -> [[ExecutableFile]] {
        var groups: [[ExecutableFile]] = []
        var places: [[UInt8]: Int] = [:]
        // A JIT compiler maps its dump only so that it can be found, and keeps writing to it: it is not a program.
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

    /// Whether the path is `…/jit-PID.dump`.
    private static func isJITDump(_ path: [UInt8]) -> Bool {
        guard let name = path.split(separator: UInt8(ascii: "/")).last, name.starts(with: "jit-".utf8),
            name.suffix(5).elementsEqual(".dump".utf8)
        else { return false }
        let number = name.dropFirst(4).dropLast(5)
        return !number.isEmpty && number.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// A note for the user about replaced files, in one line; `nil` if there are none.
    var note: String? {
        guard let first = replaced.first else { return nil }
        let name = String(decoding: first, as: UTF8.self)
        let others = replaced.count == 1 ? "" : " (and \(replaced.count - 1) more)"
        return "\(name)\(others) is not the file that was recorded: replaced meanwhile, or of another root directory;"
            + " its functions get no names"
    }

    /// A note for the user about files that are gone, in one line; `nil` if there are none.
    var goneNote: String? {
        guard let first = gone.first else { return nil }
        let name = String(decoding: first, as: UTF8.self)
        let others = gone.count == 1 ? "" : " (and \(gone.count - 1) more)"
        return
            "\(name)\(others) could not be reached any more when the recording ended: deleted, or of a mount namespace"
            + " that is gone; its functions get no names"
    }

    /// Paths whose files must not be used for the recording's symbols, each once, up to `limit` bytes in total.
    func others(limit: Int) -> [[UInt8]] {
        var size = 0
        return Array(
            (replaced + gone).prefix { path in
                size += path.count
                return size <= limit
            })
    }

    /// The running kernel's build ID, from /sys/kernel/notes.
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
