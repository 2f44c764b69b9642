internal import Presentation
internal import Reports
internal import SpawnStatistics

extension BudgetVerdict {
    /// The verdict as one JSON object, `"schema": "spawnscope.budget-verdict/1"` (budget-verdict.schema.json). Times
    /// are integer nanoseconds, and unknown values are absent.
    package func json(path: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("schema", "spawnscope.budget-verdict/1")
        writer.member("file", path)
        writer.member("verdict", conclusion.rawValue)
        writer.member("summary", summary)
        writer.key("session")
        writer.beginObject()
        if !facts.command.isEmpty { writer.member("command", facts.command) }
        writer.member("duration_ns", facts.duration)
        writer.member("lost", facts.lost)
        writer.member("cut", onlyIf: facts.isCut)
        writer.member("truncated_spawns", truncatedSpawns)
        writer.endObject()
        writer.member("doubts", doubts.map(\.text))
        writer.member("notes", notes)
        writer.member("warnings", warnings)
        writer.key("budgets")
        writer.beginArray()
        for entry in entries { write(entry, &writer) }
        writer.endArray()
        writer.endObject()
        writer.endLine()
        return writer.take()
    }

    private func write(_ entry: Entry, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", entry.budget.name)
        writer.member("line", entry.budget.position.line)
        writer.member("program", entry.budget.selector.programPattern)
        writer.member("callsite", entry.budget.selector.callSite)
        writer.member("verdict", entry.conclusion.rawValue)
        writer.member("spawns", entry.spawns)
        writer.member("matches_nothing", onlyIf: entry.matchesNothing)
        writer.key("limits")
        writer.beginArray()
        for row in entry.rows { write(row, &writer) }
        writer.endArray()
        writer.endObject()
    }

    private func write(_ row: Row, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("limit", row.limit.metric.name)
        writer.member("unit", row.limit.metric.isTime ? "ns" : "count")
        writer.member("at_most", row.limit.most)
        writer.member("default", onlyIf: row.limit.source == nil)
        writer.member("line", row.limit.source?.position.line)
        writer.member("actual", row.figure)
        writer.member("verdict", row.conclusion.rawValue)
        writer.member("reason", row.reason)
        if row.conclusion == .over {
            writer.key("causes")
            writer.beginArray()
            for cause in row.causes { write(cause, &writer) }
            writer.endArray()
            writer.member("elsewhere", row.rest)
        }
        writer.endObject()
    }

    private func write(_ cause: Cause, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("callsite", cause.callSite)
        if cause.callSite != nil {
            writer.member("stack", cause.stack)
            writer.member("telling_frames", TellingFrames.of(cause.stack))
            writer.member("comm", cause.comm)
        }
        writer.member("program", cause.program?.text)
        writer.member("amount", cause.amount)
        writer.member("new_callsite", onlyIf: cause.isNewCallSite)
        writer.member("new_program", onlyIf: cause.isNewProgram)
        writer.member("over", onlyIf: cause.isOver)
        writer.endObject()
    }
}
