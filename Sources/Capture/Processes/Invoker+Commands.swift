import Glibc
package import LinuxSystem

extension Invoker {
    /// Whether a command is the invoker's own: its file belongs to them, or lies below their home or the working
    /// directory, if that directory belongs to them.
    package func owns(command: String) -> Bool {
        guard let file = CommandFile(command) else { return false }
        if file.owner == uid { return true }
        var directories: [String] = []
        if let home = unsafe getpwuid(uid).flatMap({ unsafe $0.pointee.pw_dir }).map({ unsafe String(cString: $0) }) {
            directories.append(home)
        }
        directories.append(".")
        return directories.contains { directory in
            guard let place = CommandFile.resolved(directory), place.owner == uid, place.path != "/" else {
                return false
            }
            return file.path.hasPrefix(place.path + "/")
        }
    }
}
