internal import Presentation
internal import Session
internal import SpawnModel
package import SpawnStatistics

extension JSONWriter {
    /// Writes a spawn as members of the open object, named as in `report.schema.json`.
    package mutating func members(of reported: ReportedSpawn) {
        let (spawn, callSite) = (reported.spawn, reported.callSite)
        member("pid", spawn.pid)
        member("ppid", spawn.parentPID)
        member("method", spawn.method?.rawValue)
        member("path", spawn.path)
        let images = spawn.images
        if !images.isEmpty {
            key("programs")
            beginArray()
            for image in images {
                beginObject()
                member("path", image.path ?? "[unknown]")
                member("file", image.file)
                endObject()
            }
            endArray()
        }
        member("container", reported.group?.container)
        member("pod", reported.group?.pod)
        member("unit", reported.group?.unit)
        member("callsite", callSite.id)
        member("outcome", spawn.unknown.contains(.forked) ? nil : spawn.outcome.rawValue)
        member("execs", spawn.execs)
        member("failed_attempts", spawn.unknown.contains(.failedAttempts) ? nil : spawn.failedAttempts)
        member("unreaped", onlyIf: spawn.isUnreaped)
        member("orphaned", onlyIf: spawn.isOrphaned)
        member("outlived_parent_ns", spawn.outlivedParentBy)
        member("unfinished", onlyIf: spawn.isUnfinished)
        member("status", spawn.status)
        member("signal", spawn.signal)
        member("signal_from", spawn.signalSender?.relation.rawValue)
        member("signal_from_pid", spawn.signalSender?.pid)
        member("signal_from_comm", spawn.signalSender?.comm)
        member("start_ns", spawn.start)
        member("total_ns", spawn.total)
        member("blocked_ns", spawn.unknown.contains(.blocked) ? nil : spawn.blocked)
        member("argv_bytes", spawn.argumentBytes)
        member("environment_bytes", spawn.environmentBytes)
        member("spawner_page_table_bytes", spawn.spawnerPageTables)
        member("spawner_resident_bytes", spawn.spawnerResident)
        key("phases")
        beginObject()
        let phases = spawn.phases
        for phase in Phase.allCases { member(phase.name, phases[phase]) }
        endObject()
        guard !reported.events.isEmpty else { return }
        key("events")
        beginObject()
        for event in reported.events { member(event.name, event.count) }
        endObject()
    }
}
