internal import SpawnModel

/// How often the events that were asked for happened.
extension TextReport {
    var eventLines: [String] {
        guard !report.events.isEmpty else { return [] }
        let column = 11
        let titles = Self.left("EVENTS", 7) + Self.right("count", column) + Self.right("per spawn", column)
        var lines = [bold(titles + "  event, and in which phases of spawns")]
        for event in report.events {
            let mean = event.perSpawn(of: report.spawns.totals.spawns).map(Quantities.tenths) ?? "–"
            let start =
                Self.left("", 7) + Self.right(Quantities.grouped(event.count), column) + Self.right(mean, column) + "  "
            let (room, places) = (width - start.count, places(of: event))
            let isOneLine = event.name.count + places.count <= room
            lines.append(start + fitted(event.name + (isOneLine ? places : ""), room))
            if !isOneLine { lines.append(Self.left("", start.count) + fitted(String(places.dropFirst(2)), room)) }
        }
        return lines
    }

    /// `: run 90%, exec 4%, no spawn's 6%`, the largest first.
    private func places(of event: EventCount) -> String {
        var parts = event.phases.map { (name: $0.key.name, count: $0.value) }
        if event.ofRoots > 0 { parts.append(("no spawn's", event.ofRoots)) }
        guard !parts.isEmpty else { return "" }
        parts.sort { ($1.count, $0.name) < ($0.count, $1.name) }
        return ": "
            + parts.map { "\($0.name) \(Quantities.share(UInt64($0.count), of: UInt64(event.count)))" }
            .joined(separator: ", ")
    }
}
