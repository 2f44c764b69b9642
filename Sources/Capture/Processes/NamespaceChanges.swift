import Glibc
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
        guard let status = try? readFile("/proc/\(process)/status", limit: 1 << 16) else { return nil }
        for line in status.split(separator: UInt8(ascii: "\n")) where line.starts(with: "NSpid:".utf8) {
            let numbers = line.dropFirst(6).split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
            let last = numbers.last.flatMap { Int32(String(decoding: $0, as: UTF8.self)) }
            return last == process ? nil : last
        }
        return nil
    }

    /// Whether a process's children are to be in another pid namespace than it is. That one has no entry in procfs before its first process is
    /// there (pidns_for_children_get in kernel/pid_namespace.c).
    private static func makesInit(_ process: Int32) -> Bool {
        var own = stat()
        var childrens = stat()
        guard unsafe stat("/proc/\(process)/ns/pid", &own) == 0 else { return false }
        guard unsafe stat("/proc/\(process)/ns/pid_for_children", &childrens) == 0 else { return errno == ENOENT }
        return own.st_ino != childrens.st_ino
    }
}
