internal import Presentation
internal import SpawnModel
internal import SpawnStatistics

/// How often the requested events happened.
extension TextReport {
    var eventLines: [String] {
        guard !report.events.isEmpty else { return [] }
        let column = 11
        let titles = Self.left("EVENTS", 7) + Self.right("count", column) + Self.right("per spawn", column)
        var lines = [bold(titles + "  event, and in which phases of spawns")]
        for (place, event) in report.events.enumerated() {
            let mean = event.perSpawn(of: report.spawns.totals.spawns).map(Quantities.tenths) ?? "–"
            let start =
                Self.left("", 7) + Self.right(Quantities.grouped(event.count), column) + Self.right(mean, column) + "  "
            let (room, places) = (width - start.count, places(of: event) + mostFrequentSite(place))
            let isOneLine = event.name.count + places.count <= room
            lines.append(start + fitted(event.name + (isOneLine ? places : ""), room))
            if !isOneLine { lines.append(Self.left("", start.count) + fitted(String(places.dropFirst(2)), room)) }
            if options.showsAll { lines += sites(of: place, indent: start.count) }
        }
        return lines
    }

    /// Call sites ranked by the events in their spawns, the most first.
    private func sites(of place: Int) -> [(rank: Int, count: Int)] {
        ranked.enumerated().compactMap { rank, site in
            guard site.events.indices.contains(place), site.events[place] > 0 else { return nil }
            return (rank, site.events[place])
        }.sorted { ($1.count, $0.rank) < ($0.count, $1.rank) }
    }

    /// `; 75% of spawns' in call site 2` if there are several call sites.
    private func mostFrequentSite(_ place: Int) -> String {
        let sites = sites(of: place)
        guard sites.count > 1, let first = sites.first, !options.showsAll else { return "" }
        let all = sites.reduce(UInt64(0)) { $0 + UInt64($1.count) }
        return "; \(Quantities.share(UInt64(first.count), of: all)) of spawns' in call site \(first.rank + 1)"
    }

    private func sites(of place: Int, indent: Int) -> [String] {
        sites(of: place).map { rank, count in
            let each = Quantities.tenths(Double(count) / Double(ranked[rank].spawns))
            return dim(
                Self.left("", indent) + "\(Quantities.grouped(count)) in call site \(rank + 1)'s spawns, \(each) each")
        }
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
