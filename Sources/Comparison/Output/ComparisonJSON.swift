internal import Presentation
internal import Reports

/// A comparison as one JSON object, `"schema": "spawnscope.compare/1"` (compare.schema.json). Times are nanoseconds,
/// ratios are head divided by base, and unknown values are absent.
package enum ComparisonJSON {
    package static func bytes(_ result: ComparisonResult) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("schema", "spawnscope.compare/1")
        writer.member("verdict", result.verdict.rawValue)
        writer.member("exit_status", result.exitStatus)
        writer.write(result.base, named: "base")
        writer.write(result.head, named: "head")
        writer.key("method")
        writer.beginObject()
        writer.member("order", result.order.name)
        writer.member("threshold", result.options.threshold)
        writer.member("level", result.options.level)
        writer.member("confidence", result.options.confidence)
        writer.endObject()
        writer.key("problems")
        writer.beginArray()
        for problem in result.problems {
            writer.beginObject()
            writer.member("kind", problem.kind.rawValue)
            writer.member("text", problem.text)
            writer.member("blocks", onlyIf: problem.blocks)
            writer.endObject()
        }
        writer.endArray()
        writer.key("gates")
        writer.beginArray()
        for gate in result.gates { writer.write(gate, withScope: true) }
        writer.endArray()
        writer.key("run")
        writer.beginArray()
        for row in result.whole { writer.write(row, withScope: false) }
        writer.endArray()
        for (name, scopes) in [("programs", result.programs), ("callsites", result.callSites)] {
            writer.key(name)
            writer.beginArray()
            for scope in scopes { writer.write(scope) }
            writer.endArray()
        }
        writer.endObject()
        writer.endLine()
        return writer.take()
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ side: ComparisonResult.Side, named name: String) {
        key(name)
        beginObject()
        member("runs", side.sessions.count)
        if !side.command.isEmpty { member("command", side.command) }
        member("sessions", side.sessions)
        endObject()
    }

    fileprivate mutating func write(_ scope: ComparedScope) {
        beginObject()
        write(place: scope.scope)
        member("presence", scope.presence.rawValue)
        member("spawns_change", scope.spawnsChange)
        member("overhead_change_ns", scope.overheadChange)
        member("share", scope.share)
        key("metrics")
        beginArray()
        for row in scope.rows { write(row, withScope: false) }
        endArray()
        endObject()
    }

    private mutating func write(place: Scope) {
        switch place {
        case .whole: break
        case .program(let path): member("program", path)
        case .callSite(let key):
            self.key("callsite")
            beginObject()
            // Absent for the command itself, which may have another name on the other side.
            member("comm", key.comm)
            member("stack", key.frames)
            endObject()
        }
    }

    fileprivate mutating func write(_ row: ComparedRow, withScope: Bool) {
        beginObject()
        if withScope { write(place: row.scope) }
        member("metric", row.metric.name)
        member("gate", onlyIf: row.isGate && !withScope)
        member("verdict", row.verdict.rawValue)
        write(row.reason)
        // The values of each run are written only in the list of gates.
        write(row.base, named: "base", withValues: withScope)
        write(row.head, named: "head", withValues: withScope)
        member("ratio", row.ratio)
        if let interval = row.interval {
            key("interval")
            beginArray()
            value(interval.lowerBound)
            value(interval.upperBound)
            endArray()
        }
        member("p", row.p)
        member("exact", onlyIf: row.isExact)
        endObject()
    }

    private mutating func write(_ side: ComparedRow.Side, named name: String, withValues: Bool) {
        key(name)
        beginObject()
        member("runs", side.runs)
        member("centre", side.centre)
        member("min", side.smallest)
        member("max", side.largest)
        if withValues {
            key("values")
            beginArray()
            // NaN is written as null, which stands for a value that is not known.
            for of in side.values { value(of ?? .nan) }
            endArray()
        }
        endObject()
    }

    private mutating func write(_ reason: ComparedRow.Reason?) {
        switch reason {
        case nil: break
        case .notKnown: member("reason", "not-known")
        case .incomplete: member("reason", "incomplete")
        case .tooFewRuns(let needed):
            member("reason", "too-few-runs")
            member("runs_needed", needed)
        case .drift: member("reason", "drift")
        case .noise(let wouldDo):
            member("reason", "noise")
            member("runs_needed", wouldDo)
        }
    }
}

extension RecordingOrder {
    fileprivate var name: String {
        switch self {
        case .paired: "paired"
        case .known: "known"
        case .unknown: "unknown"
        }
    }
}
