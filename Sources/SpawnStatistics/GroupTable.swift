internal import Session
internal import SpawnModel

/// Sums over the spawns of each container, unit and other control group.
package struct GroupTable: Sendable {
    package struct Entry: Sendable {
        package let key: Key
        package fileprivate(set) var spawns = 0
        package fileprivate(set) var phases = PhaseTable()
    }

    /// What is one in the table: all groups of a container and unit, else one with a path of its own.
    package struct Key: Hashable, Sendable {
        package var container: String?
        package var pod: String?
        package var unit: String?
        /// Where none of these is known.
        package var path: String?

        init(_ name: ControlGroupName) {
            (container, pod, unit) = (name.container, name.pod, name.unit)
            if container == nil, pod == nil, unit == nil { path = name.path }
        }

        fileprivate init(others: String) { path = others }

        /// As a report has it: `container 0123456789ab`, `nginx.service`. A runtime's own ids are as short as it shows them.
        package var text: String {
            let parts = [
                container.map { "container \(Self.short($0))" }, pod.map { "pod \(Self.short($0))" }, unit, path,
            ]
            return parts.compactMap { $0 }.joined(separator: ", ")
        }

        package static func short(_ id: String) -> String { id.utf8.count == 64 ? String(id.prefix(12)) : id }
    }

    package private(set) var entries: [Entry] = []
    private var places: [Key: Int] = [:]
    /// Most spawns are where the one before was.
    private var recent: (name: ControlGroupName, place: Int)?

    mutating func add(_ spawn: Spawn, _ name: ControlGroupName) {
        let place = recent.flatMap { $0.name == name ? $0.place : nil } ?? place(of: Key(name))
        recent = (name, place)
        entries[place].spawns += 1
        entries[place].phases.add(spawn)
    }

    private mutating func place(of key: Key) -> Int {
        if let place = places[key] { return place }
        let isLast = entries.count == SpawnAggregate.limit
        guard entries.count <= SpawnAggregate.limit else { return SpawnAggregate.limit }
        entries.append(Entry(key: isLast ? Key(others: SpawnAggregate.others) : key))
        if !isLast { places[key] = entries.count - 1 }
        return entries.count - 1
    }
}
