/// Fields of /proc/PID/status of a process or a thread (proc_pid_status(5)).
package struct ProcessStatus: Hashable, Sendable {
    /// The process that a thread belongs to (Tgid).
    package private(set) var leader: Int32?
    /// Its id in its own pid namespace, the innermost one (last of NSpid).
    package private(set) var innermostNumber: Int32?
    package private(set) var effectiveUser: UInt32?

    package init(_ bytes: [UInt8]) {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
            guard let key = fields.first, let last = fields.last, fields.count > 1 else { continue }
            func number(_ field: ArraySlice<UInt8>) -> Int32? { Int32(String(decoding: field, as: UTF8.self)) }
            if key.elementsEqual("Tgid:".utf8) {
                leader = number(last)
            } else if key.elementsEqual("NSpid:".utf8) {
                innermostNumber = number(last)
            } else if key.elementsEqual("Uid:".utf8), fields.count > 2 {
                effectiveUser = UInt32(String(decoding: fields[2], as: UTF8.self))
            }
        }
    }

    /// `nil` if there is no such process.
    package init?(of process: Int32) {
        guard let bytes = try? SystemFile.bytes("/proc/\(process)/status", limit: 1 << 16) else { return nil }
        self.init(bytes)
    }
}
