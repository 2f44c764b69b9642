package import Session
package import SpawnModel

/// A completed spawn, with what a walk over its session knows about it besides its own value.
package struct ReportedSpawn {
    package var spawn: Spawn
    package var callSite: CallSite
    /// The names of its spawner and of the spawner's ancestors, outermost first.
    package var ancestry: [String]
    /// Its control group; `nil` if the session does not tell it.
    package var group: ControlGroupName?
    /// The requested events that happened in it, and how often.
    package var events: [(name: String, count: Int)]

    package init(
        _ spawn: Spawn, callSite: CallSite, ancestry: [String] = [], group: ControlGroupName? = nil,
        events: [(name: String, count: Int)] = []
    ) {
        self.spawn = spawn
        self.callSite = callSite
        self.ancestry = ancestry
        self.group = group
        self.events = events
    }
}
