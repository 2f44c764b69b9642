import LinuxSystem
import Session

/// Finds the control group of a container or of a systemd unit, by the names that runtimes and systemd give to the
/// directories.
package enum ControlGroupSearch {
    package enum Wanted: Hashable, Sendable {
        /// The beginning of a container's id.
        case container(String)
        /// A unit's name; without a suffix, a service's.
        case unit(String)

        func matches(_ directory: String) -> Bool {
            switch self {
            case .container(let id): ControlGroupName.container(directory)?.hasPrefix(id) == true
            case .unit(let name): directory == (name.contains(".") ? name : name + ".service")
            }
        }

        var words: String {
            switch self {
            case .container(let id): "container whose id begins with \(id)"
            case .unit(let name): "unit \(name)"
            }
        }
    }

    /// Directories that are looked into; a machine has hundreds or thousands.
    private static let most = 1 << 16

    /// The path of the only such group below the places where the hierarchies are mounted that events can be limited by.
    package static func path(of wanted: Wanted) throws(RecordingError) -> String {
        if case .container(let id) = wanted {
            guard id.utf8.count >= 3, id.allSatisfy({ $0.isASCII && $0.isHexDigit && !$0.isUppercase }) else {
                throw .usage(
                    "--container: '\(id)' is no container's id, of which three digits or more are needed: docker ps and podman ps show them"
                )
            }
        }
        let mounts = (try? SystemFile.bytes("/proc/mounts")) ?? []
        return try path(of: wanted, below: ControlGroup.candidates("/", mounts: mounts).dropFirst().map { $0 })
    }

    static func path(of wanted: Wanted, below roots: [String]) throws(RecordingError) -> String {
        for root in roots {
            var found: [String] = []
            var open = [root.hasSuffix("/") ? String(root.dropLast()) : root]
            var looked = 0
            while let directory = open.popLast(), looked < most {
                looked += 1
                for name in DirectoryEntries.names(in: directory.isEmpty ? "/" : directory) {
                    let below = directory + "/" + name
                    guard (try? FileStatus(below, followsLinks: false))?.isDirectory == true else { continue }
                    // What is below belongs to it.
                    if wanted.matches(name) { found.append(below) } else { open.append(below) }
                }
            }
            guard found.count <= 1 else {
                let list = found.sorted().prefix(3).joined(separator: ", ")
                throw .usage(
                    "there are \(found.count) control groups of a \(wanted.words): give one by --cgroup: \(list)")
            }
            if let path = found.first { return path }
        }
        throw .usage("no control group of a \(wanted.words) is here: does it run, and on this machine?")
    }
}
