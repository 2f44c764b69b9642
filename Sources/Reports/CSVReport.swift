internal import Presentation
package import Session
package import SpawnModel
package import SpawnStatistics

/// The spawns as CSV (RFC 4180), one row each, with a header. Times are integer nanoseconds; unknown values are empty.
/// Names are escaped by `ForeignText`, and an apostrophe precedes names that a spreadsheet would execute.
package struct CSVReport {
    private var bytes: [UInt8] = []

    private static let columns =
        [
            "pid", "ppid", "method", "outcome", "path", "callsite", "stack", "comm", "execs", "failed_attempts",
            "unreaped", "orphaned", "unfinished", "status", "signal", "start_ns", "total_ns", "blocked_ns",
        ] + Phase.allCases.map { "\($0.name)_ns" }
        + ["argv_bytes", "environment_bytes", "spawner_page_table_bytes", "spawner_resident_bytes"]
        + ["signal_from", "signal_from_pid", "signal_from_comm", "programs"]
        + ["session_id", "session_host", "session_start_wall_ns", "session_recorder"]
        + ["container", "pod", "unit"]

    private enum Field {
        /// A number, or a word of this program.
        case own(String)
        case foreign(String)
    }

    /// The session's origin, in each row.
    private let origin: [Field]

    package init(_ origin: SessionOrigin) {
        self.origin = [
            .foreign(origin.id ?? ""), .foreign(origin.host ?? ""), .own(origin.startWall.map { String($0) } ?? ""),
            .foreign(origin.recorder ?? ""),
        ]
        row(Self.columns.map { .own($0) })
    }

    /// Returns and removes the bytes written so far.
    package mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    package mutating func add(_ spawn: Spawn, callSite: CallSite, group: ControlGroupName? = nil) {
        func text(_ number: (some FixedWidthInteger)?) -> Field { .own(number.map { String($0) } ?? "") }
        func flag(_ isSet: Bool) -> Field { .own(isSet ? "1" : "0") }
        let phases = spawn.phases
        var fields = [
            text(spawn.pid), text(spawn.parentPID), .own(spawn.method?.rawValue ?? ""),
            .own(spawn.unknown.contains(.forked) ? "" : spawn.outcome.rawValue),
            .foreign(spawn.path ?? ""), text(callSite.id), .foreign(callSite.stack.joined(separator: ";")),
            .foreign(callSite.comm), text(spawn.execs),
            text(spawn.unknown.contains(.failedAttempts) ? nil : spawn.failedAttempts),
            spawn.unknown.contains(.unreaped) ? .own("") : flag(spawn.isUnreaped),
            flag(spawn.isOrphaned), flag(spawn.isUnfinished), text(spawn.status), text(spawn.signal), text(spawn.start),
            text(spawn.total), text(spawn.unknown.contains(.blocked) ? nil : spawn.blocked),
        ]
        fields += Phase.allCases.map { text(phases[$0]) }
        fields += [
            text(spawn.argumentBytes), text(spawn.environmentBytes),
            text(spawn.spawnerPageTables), text(spawn.spawnerResident),
            .own(spawn.signalSender?.relation.rawValue ?? ""), text(spawn.signalSender?.pid),
            .foreign(spawn.signalSender?.comm ?? ""),
            .foreign(spawn.programs.joined(separator: ProgramChain.separator)),
        ]
        let names = [group?.container, group?.pod, group?.unit].map { Field.foreign($0 ?? "") }
        row(fields + origin + names)
    }

    private mutating func row(_ fields: [Field]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            switch field {
            case .own(let text): append(text, isQuoted: false)
            case .foreign(let name):
                let shown = ForeignText.shown(name)
                let inert = SpreadsheetText.inert(shown)
                append(inert, isQuoted: inert != shown)
            }
        }
        bytes += "\r\n".utf8
    }

    private mutating func append(_ field: String, isQuoted: Bool) {
        guard isQuoted || field.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ",") }) else {
            bytes += field.utf8
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in field.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
