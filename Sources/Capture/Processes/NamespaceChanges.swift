import Glibc
import LinuxSystem
import Session

/// What processes of the workload changed of where they are, as far as the recorder was woken in time to see it. What a process calls itself,
/// and where its files are, follows from it and from the session's events.
struct NamespaceChanges {
    private(set) var all: [SessionMetadata.NamespaceChange] = []

    /// No more are kept: their number is the workload's to choose.
    static let most = 4096

    /// A process that goes on in this recording.
    mutating func note(_ process: Int32, at time: UInt64, root: Int?) { note(process, time, root, number: nil) }

    /// One that was there before: its number in its own namespace is no call's to tell.
    mutating func note(running process: Int32, at time: UInt64, root: Int?) {
        note(process, time, root, number: Self.innermostNumber(process))
    }

    private mutating func note(_ process: Int32, _ time: UInt64, _ root: Int?, number: Int32?) {
        let makesInit = Self.makesInit(process)
        guard all.count < Self.most, root != nil || makesInit || number != nil else { return }
        all.append(.init(process: process, time: time, root: root, makesInit: makesInit, number: number))
    }

    /// By the last of `NSpid` (proc_pid_status(5)); `nil` where that is the number here.
    private static func innermostNumber(_ process: Int32) -> Int32? {
        let number = ProcessStatus(of: process)?.innermostNumber
        return number == process ? nil : number
    }

    /// Whether a process's children are to be in another pid namespace than it is. That one has no entry in procfs before its first process is
    /// there (pidns_for_children_get in kernel/pid_namespace.c).
    private static func makesInit(_ process: Int32) -> Bool {
        guard let own = try? FileStatus("/proc/\(process)/ns/pid") else { return false }
        do throws(SystemError) {
            return own.inode != (try FileStatus("/proc/\(process)/ns/pid_for_children")).inode
        } catch {
            return error.code == ENOENT
        }
    }
}
