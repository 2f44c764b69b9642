import Glibc
import LinuxSystem
import Session

/// Changes of root directory and namespaces by the workload's processes, as far as the recorder was woken in time to
/// see them. With the session's events they give a process's own pid, and where its files are.
struct NamespaceChanges {
    private(set) var all: [SessionMetadata.NamespaceChange] = []

    /// At most this many are kept: the workload decides how many there are.
    static let most = 4096

    /// Notes a process that made a change during the recording.
    mutating func note(_ process: Int32, at time: UInt64, root: Int?) { note(process, time, root, number: nil) }

    /// Notes a process that ran before the recording, with its own pid, which no recorded call returns.
    mutating func note(running process: Int32, at time: UInt64, root: Int?) {
        note(process, time, root, number: Self.innermostNumber(process))
    }

    private mutating func note(_ process: Int32, _ time: UInt64, _ root: Int?, number: Int32?) {
        let makesInit = Self.makesInit(process)
        guard all.count < Self.most, root != nil || makesInit || number != nil else { return }
        all.append(.init(process: process, time: time, root: root, makesInit: makesInit, number: number))
    }

    /// The pid in the process's own namespace, the last of `NSpid` (proc_pid_status(5)); `nil` if it is the same here.
    private static func innermostNumber(_ process: Int32) -> Int32? {
        let number = ProcessStatus(of: process)?.innermostNumber
        return number == process ? nil : number
    }

    /// Whether a process's children will be in another pid namespace than the process. Before its first process exists,
    /// that namespace has no entry in procfs (pidns_for_children_get in kernel/pid_namespace.c).
    private static func makesInit(_ process: Int32) -> Bool {
        guard let own = try? FileStatus("/proc/\(process)/ns/pid") else { return false }
        do throws(SystemError) {
            return own.inode != (try FileStatus("/proc/\(process)/ns/pid_for_children")).inode
        } catch {
            return error.code == ENOENT
        }
    }
}
