package import SpawnModel

/// A spawn that is complete, with what a walk over its session knows of it besides its own value.
package struct ReportedSpawn {
    package var spawn: Spawn
    package var callSite: CallSite
    /// The names of its spawner and that one's ancestors, outermost first.
    package var ancestry: [String]
    /// The events that were asked for and happened in it, and how often.
    package var events: [(name: String, count: Int)]

    package init(
        _ spawn: Spawn, callSite: CallSite, ancestry: [String] = [], events: [(name: String, count: Int)] = []
    ) {
        self.spawn = spawn
        self.callSite = callSite
        self.ancestry = ancestry
        self.events = events
    }
}
