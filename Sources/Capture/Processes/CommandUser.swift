import CPerfEvent
import Glibc
import LinuxSystem
import PerfData

/// The user that `-u` names, from the machine's user database. Looked up before the command's process is forked, since
/// the child must not allocate or lock.
package struct CommandUser: Hashable, Sendable {
    package let name: String
    package let uid: UInt32
    package let gid: UInt32
    /// The supplementary groups, as initgroups(3) would set them: the primary one is among them.
    package let groups: [UInt32]
    package let home: String
    package let shell: String

    /// `text` is a name, or else a uid, in the database. Throws `.usage` if the user is unknown or the caller is not
    /// root.
    package init(_ text: String) throws(RecordingError) {
        guard geteuid() == 0 else {
            throw .usage(
                "-u runs the command as another user, which only root can: start spawnscope by sudo, or leave -u out")
        }
        guard let entry = unsafe Self.entry(text), unsafe entry.pointee.pw_uid != .max,
            unsafe entry.pointee.pw_gid != .max
        else { throw .usage("-u: there is no user \(text) here: name one that 'getent passwd' lists") }
        name = unsafe String(cString: entry.pointee.pw_name)
        home = unsafe Self.text(entry.pointee.pw_dir, or: "/")
        shell = unsafe Self.text(entry.pointee.pw_shell, or: "/bin/sh")
        uid = unsafe entry.pointee.pw_uid
        gid = unsafe entry.pointee.pw_gid
        groups = try Self.groups(of: name, gid)
    }

    /// Valid until the next look-up; the process must have one thread.
    private static func entry(_ text: String) -> UnsafeMutablePointer<passwd>? {
        if let entry = unsafe getpwnam(text) { return unsafe entry }
        return unsafe Invoker.number(text).flatMap { unsafe getpwuid($0) }
    }

    private static func text(_ string: UnsafeMutablePointer<CChar>?, or usual: String) -> String {
        guard let string = unsafe string, unsafe string.pointee != 0 else { return usual }
        return unsafe String(cString: string)
    }

    private static func groups(of name: String, _ primary: UInt32) throws(RecordingError) -> [UInt32] {
        // NGROUPS_MAX of Linux.
        for size in [64, 65536] {
            var groups = [gid_t](repeating: 0, count: size)
            var count = Int32(size)
            if unsafe getgrouplist(name, primary, &groups, &count) >= 0 {
                return Array(groups.prefix(Int(max(0, count))))
            }
        }
        throw .usage("-u: \(name) is in more groups than a process can have")
    }

    /// The caller's environment, `NAME=value` as bytes, changed to be this user's.
    ///
    /// HOME, USER, LOGNAME and SHELL are set, as sudo(8) sets them for a command; the variables that sudo set for the
    /// recorder, and root's MAIL, are removed. Everything else, PATH included, stays.
    func environment(from caller: [[UInt8]]) -> [[UInt8]] {
        let own = [("HOME", home), ("USER", name), ("LOGNAME", name), ("SHELL", shell)]
        let replaced = own.map(\.0) + ["MAIL", "SUDO_COMMAND", "SUDO_USER", "SUDO_UID", "SUDO_GID", "SUDO_HOME"]
        let kept = caller.filter { entry in
            !replaced.contains { entry.starts(with: Array("\($0)=".utf8)) }
        }
        return kept + own.map { Array("\($0.0)=\($0.1)".utf8) }
    }
}
