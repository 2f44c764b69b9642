import PerfData
import PerfRecords

/// The build IDs of a recording's files, read from the files when it ends.
struct FileBuildIDs {
    private(set) var entries: [FeatureEncoding.BuildID] = []
    /// Paths that lead to another file than the one that was recorded, or to the same one with other contents.
    private(set) var replaced: [[UInt8]] = []
    /// Paths that lead nowhere any more.
    private(set) var gone: [[UInt8]] = []

    /// `read` gives the build ID of the ELF file at a path, `nil` where it has none; `wallTime` the time since 1970 of one on
    /// the events' clock.
    init(
        of files: [ExecutableFile], wallTime: (UInt64) -> UInt64 = { _ in .max }, read: (_ path: String) -> [UInt8]?
    ) {
        var recordedAs: [[UInt8]: Int] = [:]
        for file in files { recordedAs[file.path, default: 0] += 1 }
        for file in files {
            // The table knows files by their paths alone: two under one path cannot be told apart in it.
            let count = recordedAs.updateValue(0, forKey: file.path) ?? 0
            if count > 1 { replaced.append(file.path) }
            guard count == 1 else { continue }
            guard let opened = RecordedFile(path: file.path) else {
                gone.append(file.path)
                continue
            }
            guard opened.isSame(as: file), file.mappedAt == 0 || !opened.wasChanged(after: wallTime(file.mappedAt))
            else {
                replaced.append(file.path)
                continue
            }
            if let buildID = read(opened.stablePath), !buildID.isEmpty {
                entries.append(FeatureEncoding.BuildID(path: file.path, buildID: buildID))
            }
        }
    }

    /// What the user should know, in one line.
    var note: String? {
        guard let first = replaced.first else { return nil }
        let name = String(decoding: first, as: UTF8.self)
        let others = replaced.count == 1 ? "" : " (and \(replaced.count - 1) more)"
        return "\(name)\(others) is not the file that was recorded: replaced meanwhile, or of another root directory;"
            + " its functions get no names"
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
        guard let notes = try? readFile("/sys/kernel/notes", limit: 1 << 16), let buildID = buildID(inNotes: notes)
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
