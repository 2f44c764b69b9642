internal import Presentation
internal import Reports
internal import SpawnModel
package import SpawnStatistics

/// Trace events as JSON: each spawn is a process with a slice for its lifetime, nested slices for its phases, and an
/// arrow from its spawner. Written as the spawns are added.
/// (Trace Event Format, "JSON Object Format": docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU)
package struct ChromeExport: SpawnExporter {
    private var writer = JSONWriter()
    private var tracks = TraceTracks()
    private var number: UInt64 = 0
    /// Spawners not seen as spawns so far, by track. Those left at the end are the session's roots.
    private var spawners: [UInt64: Spawner] = [:]

    private struct Spawner {
        var pid: Int32
        var comm: String
        var start: UInt64
        var end: UInt64
    }

    package init() {
        writer.beginObject()
        writer.member("displayTimeUnit", "ns")
        writer.key("traceEvents")
        writer.beginArray()
    }

    /// Returns and removes the bytes written so far.
    package mutating func take() -> [UInt8] { writer.take() }

    package mutating func add(_ reported: ReportedSpawn) {
        let (spawn, callSite) = (reported.spawn, reported.callSite)
        let start = spawn.borders.creationBegan ?? spawn.borders.created
        let end = spawn.borders.reaped ?? spawn.borders.ended
        let track = tracks.add(spawn.pid, from: start, to: end)
        spawners[track] = nil
        let name = spawn.mark ?? ProgramChain.text(spawn.programs)
        nameProcess(track, name, order: start, label: reported.ancestry.joined(separator: " > "))
        // A slice without an end extends to the end of the trace.
        begin(end == nil ? "B" : "X", name, "spawn", track, spawn.pid, start)
        if let end { duration(from: start, to: end) }
        writer.key("args")
        writer.beginObject()
        writer.members(of: reported)
        writer.member("overhead_ns", spawn.overhead)
        writer.member("stack", callSite.stack)
        writer.endObject()
        writer.endObject()
        spawn.forEachPhase { phase, start, end in
            // An empty slice would be drawn inside the next.
            guard end > start else { return }
            begin("X", phase.name, "phase", track, spawn.pid, start)
            duration(from: start, to: end)
            writer.endObject()
        }
        arrow(spawn, callSite, from: start, to: end ?? spawn.borders.created, track)
    }

    /// Adds an arrow from the spawner's slice to the child's, at the child's creation.
    private mutating func arrow(
        _ spawn: Spawn, _ callSite: CallSite, from start: UInt64, to end: UInt64, _ track: UInt64
    ) {
        let created = spawn.borders.created
        let spawner = tracks.track(of: spawn.parentPID, at: created)
        var known = spawners[spawner] ?? Spawner(pid: spawn.parentPID, comm: callSite.comm, start: start, end: end)
        known.start = min(known.start, start)
        known.end = max(known.end, end)
        // A spawner that was added as a spawn has a slice already.
        if !tracks.isTold(spawner) { spawners[spawner] = known }
        number &+= 1
        for (phase, track, pid) in [("s", spawner, spawn.parentPID), ("f", track, spawn.pid)] {
            begin(phase, "spawn", "spawn", track, pid, created)
            writer.member("id", number)
            if phase == "f" { writer.member("bp", "e") }
            writer.endObject()
        }
    }

    /// Writes the roots' slices and the facts of the session.
    package mutating func finish(_ facts: ExportFacts, _ write: ([UInt8]) -> Bool) {
        for (track, spawner) in spawners.sorted(by: { $0.key < $1.key }) {
            nameProcess(track, spawner.comm, order: spawner.start, label: "no spawn of this session")
            begin("X", spawner.comm, "spawner", track, spawner.pid, spawner.start)
            duration(from: spawner.start, to: spawner.end)
            writer.endObject()
        }
        writer.endArray()
        writer.key("otherData")
        writer.beginObject()
        writer.member("exporter", "spawnscope \(facts.toolVersion)")
        if !facts.command.isEmpty { writer.member("command", facts.title) }
        writer.member("session", facts.origin.id)
        writer.member("host", facts.origin.host)
        writer.member("start_wall_ns", facts.origin.startWall.map { String($0) })
        writer.member("recorder", facts.origin.recorder)
        writer.member("clock", "CLOCK_MONOTONIC")
        writer.member("kernel", facts.kernel)
        writer.member("machine", facts.machine)
        for (index, remark) in facts.remarks.enumerated() { writer.member("remark \(index + 1)", remark) }
        writer.endObject()
        writer.endObject()
        writer.endLine()
        _ = write(take())
    }

    private mutating func nameProcess(_ track: UInt64, _ name: String, order: UInt64, label: String) {
        for (event, key, value) in [("process_name", "name", name), ("process_labels", "labels", label)] {
            metadata(event, track)
            writer.member(key, ForeignText.shown(value))
            writer.endObject()
            writer.endObject()
        }
        metadata("process_sort_index", track)
        // Sorts by creation, in milliseconds modulo 2^31.
        writer.member("sort_index", order / 1_000_000 % (1 << 31))
        writer.endObject()
        writer.endObject()
    }

    private mutating func metadata(_ name: String, _ track: UInt64) {
        writer.beginObject()
        writer.member("ph", "M")
        writer.member("name", name)
        writer.member("pid", track)
        writer.key("args")
        writer.beginObject()
    }

    private mutating func begin(
        _ phase: String, _ name: String, _ category: String, _ track: UInt64, _ pid: Int32, _ time: UInt64
    ) {
        writer.beginObject()
        writer.member("ph", phase)
        // Viewers show names unescaped; arguments are data.
        writer.member("name", ForeignText.shown(name))
        writer.member("cat", category)
        writer.member("pid", track)
        writer.member("tid", pid)
        writer.key("ts")
        // Timestamps are in microseconds.
        writer.value(thousandths: time)
    }

    private mutating func duration(from start: UInt64, to end: UInt64) {
        writer.key("dur")
        writer.value(thousandths: end >= start ? end - start : 0)
    }
}
