import Glibc
import KernelPrograms
import LinuxSystem

/// Whether a process is of the user who started the helper.
enum OwnProcess {
    /// Whether the thread of a pidfd lives and has all of its ids from this process's user: real, effective, saved and of
    /// the file system; and, if `ancestor` is given, descends from that process.
    static func isMine(pidfd: Int32, under ancestor: Int32? = nil) -> Bool {
        guard pidfd >= 0, let id = thread(of: pidfd) else { return false }
        guard let status = try? SystemFile.bytes("/proc/\(id)/status") else { return false }
        guard let users = numbers("Uid:", status), let groups = numbers("Gid:", status) else { return false }
        let (user, group) = (getuid(), getgid())
        guard users.count == 4, users.allSatisfy({ $0 == user }), groups.count == 4,
            groups.allSatisfy({ $0 == group })
        else { return false }
        if let ancestor, !descends(status, from: ancestor) { return false }
        // It has not ended meanwhile, so that what was read is not of another with the same number.
        return thread(of: pidfd) == id
    }

    /// The number of a pidfd's thread, as /proc tells it; `nil` if it has ended, or the descriptor is another.
    private static func thread(of pidfd: Int32) -> Int32? {
        // A process with rights beyond its user's may not look at itself without them; the path is its own.
        let path = "/proc/self/fdinfo/\(pidfd)"
        let text = try? Privileges.raised(.dacReadSearch) { () throws(SystemError) in try SystemFile.bytes(path) }
        guard let text, let found = numbers("Pid:", text)?.first, found > 0, found <= Int32.max else { return nil }
        return Int32(found)
    }

    /// The most generations that are looked at.
    private static let mostGenerations = 1000

    /// `status`: of a thread, as /proc has it.
    private static func descends(_ status: [UInt8], from ancestor: Int32) -> Bool {
        var status = status
        for _ in 0..<mostGenerations {
            guard let parent = numbers("PPid:", status)?.first, parent > 1 else { return false }
            if parent == UInt32(bitPattern: ancestor) { return true }
            guard let next = try? SystemFile.bytes("/proc/\(parent)/status") else { return false }
            status = next
        }
        return false
    }

    /// The numbers behind a word at the beginning of a line.
    private static func numbers(_ word: String, _ text: [UInt8]) -> [UInt32]? {
        for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: word.utf8) {
            let fields = line.dropFirst(word.utf8.count).split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
            return fields.map { UInt32(String(decoding: $0, as: UTF8.self)) ?? .max }
        }
        return nil
    }
}
