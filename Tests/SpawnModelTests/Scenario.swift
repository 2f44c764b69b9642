import SpawnModel

/// A tracker fed with short lines: who, then what. Times count up by themselves.
struct Scenario {
    private(set) var tracker: SpawnTracker
    private(set) var spawns: [Spawn] = []
    var time: UInt64 = 1000

    static let vforkFlags: UInt64 = 0x4111
    static let threadFlags: UInt64 = 0x3d0f00

    init(root: Int32? = 1, tellsLastThread: Bool = true) {
        tracker = SpawnTracker(
            roots: root.map(SpawnTracker.Roots.command) ?? .everything,
            evidence: .init(tellsLastThread: tellsLastThread))
    }

    init(roots: SpawnTracker.Roots = .command(1), evidence: SpawnTracker.Evidence) {
        tracker = SpawnTracker(roots: roots, evidence: evidence)
    }

    init(roots: SpawnTracker.Roots, starting: Int32? = nil, excluding: Int32? = nil) {
        tracker = SpawnTracker(roots: roots, starting: starting, excluding: excluding, evidence: .init())
    }

    mutating func on(
        _ process: Int32, _ kind: LifecycleEvent.Kind, thread: Int32? = nil, site: UInt32? = nil, comm: String = "",
        group: UInt64? = nil
    ) {
        time += 10
        let event = LifecycleEvent(kind, process: process, thread: thread ?? process, time: time, group: group)
        tracker.handle(event, callSite: site, name: comm)
        drain()
    }

    mutating func create(
        _ parent: Int32, _ child: Int32, flags: UInt64? = vforkFlags, site: UInt32? = nil, comm: String = "sh"
    ) {
        on(parent, .created(child: child, cloneFlags: flags), site: site, comm: comm)
    }

    mutating func attempt(_ process: Int32, fails errno: Int64? = nil) {
        on(process, .attemptBegan())
        if let errno { on(process, .attemptEnded(result: -errno)) }
    }

    mutating func exec(_ process: Int32, _ path: String = "/bin/true", oldThread: Int32? = nil) {
        on(process, .executed(path: path, oldThread: oldThread ?? process))
        on(process, .attemptEnded(result: 0))
    }

    mutating func exit(_ process: Int32, _ code: Int32 = 0) {
        on(process, .exitRequested(code: code, isGroup: true))
        on(process, .threadExited(isGroupDead: true))
    }

    /// The root's own start, as every recording of a COMMAND begins.
    mutating func startRoot(_ pid: Int32 = 1) {
        attempt(pid)
        exec(pid, "/usr/bin/program")
    }

    mutating func loseEvents() { tracker.eventsWereLost() }

    mutating func finish() {
        tracker.finish()
        drain()
    }

    private mutating func drain() {
        while let spawn = tracker.nextEnded() { spawns.append(spawn) }
    }
}
