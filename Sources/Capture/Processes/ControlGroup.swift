import Glibc
import LinuxSystem
import PerfData

/// A control group whose tasks' events are recorded (PERF_FLAG_PID_CGROUP): a directory of a cgroup file system.
struct ControlGroup: ~Copyable {
    let path: String
    private let descriptor: OwnedDescriptor
    var number: Int32 { descriptor.number }

    /// `name` is the directory's path, or its path below the mount point of the hierarchy that has perf_event.
    init(_ name: String) throws(RecordingError) {
        let mounts = (try? SystemFile.bytes("/proc/mounts")) ?? []
        for path in Self.candidates(name, mounts: mounts) where unsafe access(path + "/cgroup.procs", F_OK) == 0 {
            do throws(SystemError) {
                descriptor = try OwnedDescriptor(listing: path)
            } catch {
                throw .controlGroup(path: path, code: error.code)
            }
            self.path = path
            return
        }
        throw .noControlGroup(name)
    }

    /// Paths to try: `name` as it is, then below a v1 hierarchy with perf_event, then below the unified hierarchy.
    static func candidates(_ name: String, mounts: [UInt8]) -> [String] {
        guard !name.isEmpty else { return [] }
        var ofController: [String] = []
        var unified: [String] = []
        for line in mounts.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            guard fields.count >= 4 else { continue }
            let path = fields[1] + (name.hasPrefix("/") ? "" : "/") + name
            if fields[2] == "cgroup", fields[3].split(separator: ",").contains("perf_event") {
                ofController.append(path)
            } else if fields[2] == "cgroup2" {
                unified.append(path)
            }
        }
        return [name] + ofController + unified
    }

    /// The processes in it and in the groups below it.
    func processes() -> Set<Int32> {
        var found: Set<Int32> = []
        var open = [path]
        while let directory = open.popLast() {
            let list = (try? SystemFile.bytes(directory + "/cgroup.procs")) ?? []
            for line in list.split(separator: UInt8(ascii: "\n")) {
                if let process = Int32(String(decoding: line, as: UTF8.self)) { found.insert(process) }
            }
            for name in DirectoryEntries.names(in: directory) {
                let below = directory + "/" + name
                if (try? FileStatus(below, followsLinks: false))?.isDirectory == true { open.append(below) }
            }
        }
        return found
    }
}
