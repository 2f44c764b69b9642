import CPerfEvent
import Glibc
import KernelPrograms
import LinuxSystem

/// Where the helper is, and whether an administrator has given it its capabilities.
package enum HelperProgram {
    package static let name = "spawnscope-capture"
    /// What its file has to have.
    package static let capabilities = "cap_bpf,cap_perfmon,cap_dac_read_search=p"

    /// Beside this program, or where it is installed to: PREFIX/libexec/spawnscope for PREFIX/bin.
    package static var path: String? {
        guard let own = SystemFile.link("/proc/self/exe"), let end = own.lastIndex(of: "/") else { return nil }
        let directory = own[..<end]
        let places = ["\(directory)/\(name)", "\(directory)/../libexec/spawnscope/\(name)"]
        return places.first { unsafe access($0, F_OK) == 0 }
    }

    /// Whether a file has capabilities of its own (security.capability).
    package static func hasCapabilities(_ path: String) -> Bool {
        unsafe cperf_file_has_capabilities(path) != 0
    }

    /// Whether nobody but root can have made the file, or can change it: others could give it capabilities of a user namespace of
    /// theirs, and it would be run.
    package static func isRoots(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFREG && status.st_uid == 0 && status.st_mode & 0o022 == 0
    }

    /// The helper, if it has capabilities and this user may run it.
    static var usable: String? {
        guard geteuid() != 0, let path, isRoots(path), hasCapabilities(path), unsafe access(path, X_OK) == 0 else {
            return nil
        }
        return path
    }
}
