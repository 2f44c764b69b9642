import Foundation
import LinuxSystem
import Testing

@testable import Capture

/// Control groups are found by the inodes of their directories; any file system has these.
struct ControlGroupPathsTests {
    private let root = NSTemporaryDirectory() + "hierarchy-\(UUID().uuidString)"

    private func withTree(_ body: ([UInt8]) throws -> Void) throws {
        for path in ["a/b/c", "a/d", "odd \u{301}\t\u{202e}/x", "system.slice/nginx.service"] {
            try FileManager.default.createDirectory(atPath: root + "/" + path, withIntermediateDirectories: true)
        }
        #expect(FileManager.default.createFile(atPath: root + "/a/cgroup.procs", contents: nil))
        try FileManager.default.createSymbolicLink(atPath: root + "/link", withDestinationPath: "/usr")
        // No text: a name may have any bytes but these two.
        let odd = Array((root + "/").utf8) + (1...255).filter { $0 != UInt8(ascii: "/") }.map { UInt8($0) }
        #expect(mkdir(odd.map { CChar(bitPattern: $0) } + [0], 0o700) == 0)
        defer { try? FileManager.default.removeItem(atPath: root) }
        try body(Array(root.utf8))
    }

    private func id(_ path: [UInt8]) throws -> UInt64 {
        let directory = try OwnedDescriptor(listing: Array(root.utf8) + path)
        return try FileStatus(directory.number).inode
    }

    @Test func everyDirectoryByItsInode() throws {
        try withTree { root in
            var groups = ControlGroupPaths(root: root)
            var found: [[UInt8]: UInt64] = [:]
            groups.forEach { id, path in
                found[path] = id
                return true
            }
            let names = ["/", "/a", "/a/b", "/a/b/c", "/a/d", "/system.slice", "/system.slice/nginx.service"]
            for name in names {
                let expected = try id(Array(name.utf8))
                #expect(found[Array(name.utf8)] == expected)
            }
            // Those, two of an odd name, and that of all bytes; neither a file nor what a link leads to.
            #expect(found.count == names.count + 3 && !groups.wasCut)
            for (path, number) in found {
                let expected = try id(path)
                #expect(expected == number && groups.id(of: path) == number)
            }
        }
    }

    @Test func thoseThatAreWanted() throws {
        try withTree { root in
            var groups = ControlGroupPaths(root: root)
            let (c, unit) = (try id(Array("/a/b/c".utf8)), try id(Array("/system.slice/nginx.service".utf8)))
            let found = groups.paths(of: [c: 1, unit: getpid(), 1: -1])
            #expect(found == [c: Array("/a/b/c".utf8), unit: Array("/system.slice/nginx.service".utf8)])
            #expect(groups.paths(of: [:]).isEmpty && groups.id(of: Array("/nowhere".utf8)) == nil)
        }
    }

    @Test func aWalkIsBounded() throws {
        try withTree { root in
            var groups = ControlGroupPaths(root: root, most: 3)
            var count = 0
            groups.forEach { _, _ in
                count += 1
                return true
            }
            #expect(count == 3 && groups.wasCut)
        }
    }

    @Test func nowhere() {
        var groups = ControlGroupPaths(root: nil)
        #expect(groups.paths(of: [1: 1]).isEmpty && groups.id(of: []) == nil)
        var gone = ControlGroupPaths(root: Array("/no/such".utf8))
        #expect(gone.paths(of: [1: 1]).isEmpty && !gone.wasCut)
    }

    @Test func mountsOfBothVersions() {
        let mounts = Array(
            """
            tmpfs /sys/fs/cgroup tmpfs rw 0 0
            cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0
            cgroup /sys/fs/cgroup/perf_event cgroup rw,relatime,perf_event 0 0
            cgroup2 /sys/fs/cgroup/uni\\040fied\\9\\ cgroup2 rw 0 0
            broken
            """.utf8)
        let unified = ControlGroupPaths.root(mounts) { kind, _ in kind.elementsEqual("cgroup2".utf8) }
        #expect(unified == Array("/sys/fs/cgroup/uni fied\\9\\".utf8))
        let events = ControlGroupPaths.root(mounts) { _, options in options.suffix(10).elementsEqual("perf_event".utf8)
        }
        #expect(events == Array("/sys/fs/cgroup/perf_event".utf8))
        #expect(ControlGroupPaths.root([]) { _, _ in true } == nil)
    }
}
