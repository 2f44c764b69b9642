import LinuxSystem

/// Finds the paths of control groups by their ids, which are the inodes of their directories: asks the processes that run
/// there, and walks through the hierarchy. A group that is gone, or outside of what this process sees of the hierarchy, is
/// not found.
struct ControlGroupPaths {
    /// Where the hierarchy is mounted, without a slash at its end; `nil` if it is not.
    private let root: [UInt8]?
    /// Directories that one walk looks into; a machine has hundreds or thousands.
    private let most: Int
    /// A walk ended before everything had been looked at.
    private(set) var wasCut = false

    static let mostDirectories = 1 << 14
    /// As in a record, with its NUL.
    private static let longestPath = 4096

    enum Hierarchy {
        case unified
        /// The one of version 1 that has the perf_event controller, where there is one, else the unified one.
        case ofEvents
    }

    init(_ hierarchy: Hierarchy) {
        let mounts = (try? SystemFile.bytes("/proc/self/mounts")) ?? []
        var root: [UInt8]?
        if hierarchy == .ofEvents {
            root = Self.root(mounts) { kind, options in
                kind.elementsEqual("cgroup".utf8)
                    && options.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual("perf_event".utf8) }
            }
        }
        self.init(root: root ?? Self.root(mounts) { kind, _ in kind.elementsEqual("cgroup2".utf8) })
    }

    init(root: [UInt8]?, most: Int = mostDirectories) {
        self.root = root
        self.most = most
    }

    /// The paths from the root of the hierarchy. `wanted`: a process that was in it, by the group's id.
    mutating func paths(of wanted: [UInt64: Int32]) -> [UInt64: [UInt8]] {
        var found: [UInt64: [UInt8]] = [:]
        // Most often it is the recorder's own.
        for process in ["self"] + wanted.values.prefix(Self.mostAsked).map({ "\($0)" }) {
            guard found.count < wanted.count, let path = Self.path(ofProcess: process), let id = self.id(of: path)
            else { continue }
            if wanted[id] != nil { found[id] = path }
        }
        guard found.count < wanted.count else { return found }
        forEach { id, path in
            if wanted[id] != nil { found[id] = path }
            return found.count < wanted.count
        }
        return found
    }

    /// Processes that are asked before a walk.
    private static let mostAsked = 64

    /// The path of a process's group in the unified hierarchy, as this process may see it; `nil` if there is none. The
    /// process is a number, or `self`.
    static func path(ofProcess process: String) -> [UInt8]? {
        guard let bytes = try? SystemFile.bytes("/proc/\(process)/cgroup", limit: 1 << 16) else { return nil }
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: "0::/".utf8) {
            return line.count < longestPath ? Array(line.dropFirst(3)) : nil
        }
        return nil
    }

    /// `nil` if there is no such group.
    func id(of path: [UInt8]) -> UInt64? {
        guard let root, let directory = try? OwnedDescriptor(listing: root + path) else { return nil }
        return try? FileStatus(directory.number).inode
    }

    /// Calls `body` with each group, those above before those below, until it returns false.
    mutating func forEach(_ body: (_ id: UInt64, _ path: [UInt8]) -> Bool) {
        guard let root, let top = id(of: []), body(top, Array("/".utf8)) else { return }
        var open: [[UInt8]] = [[]]
        var next = 0
        while next < open.count {
            let path = open[next]
            next += 1
            guard let directory = try? OwnedDescriptor(listing: root + path) else { continue }
            var isOver = false
            DirectoryEntries.forEachDirectory(in: directory) { name, inode in
                let below = path + [UInt8(ascii: "/")] + name
                guard !isOver, below.count < Self.longestPath else { return }
                guard open.count < most else {
                    wasCut = true
                    return
                }
                open.append(below)
                isOver = !body(inode, below)
            }
            if isOver { return }
        }
    }

    /// The first mount whose type and options fit, of /proc/self/mounts.
    static func root(
        _ mounts: [UInt8], where fits: (_ kind: ArraySlice<UInt8>, _ options: ArraySlice<UInt8>) -> Bool
    ) -> [UInt8]? {
        for line in mounts.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " "))
            if fields.count > 3, fits(fields[2], fields[3]) { return MountField.unescaped(fields[1]) }
        }
        return nil
    }
}
