package import SpawnModel

/// What a walk over a session saw of a spawn besides its own value.
package struct SpawnObservations: Hashable, Sendable {
    /// Its failed exec attempts.
    package private(set) var failures: [FailureTable.Failure: Int] = [:]
    /// Failed in yet other ways, once there were `mostFailures` of them.
    package private(set) var otherFailures = 0
    /// What failed before its first exec succeeded, as a search for one name.
    var search = PathSearch()
    /// Cpu samples of its `prepare`, and those of them that closed a descriptor.
    package private(set) var preparingSamples = 0
    package private(set) var closingSamples = 0
    /// How often each event that was asked for happened in it, by the event's place in `Report.events`; empty without any.
    package private(set) var events: [Int] = []
    private var hasExecuted = false

    /// A process that makes up paths may not fill the memory.
    static let mostFailures = 4096

    package init() {}

    package mutating func addFailure(_ failure: FailureTable.Failure, _ count: Int = 1) {
        if !hasExecuted { search.addFailure(failure) }
        if failures.count < Self.mostFailures || failures[failure] != nil {
            failures[failure, default: 0] += count
        } else {
            otherFailures += count
        }
    }

    /// `count`: how many events were asked for; the place is less than that. The first of a process makes room for all.
    package mutating func addEvent(_ place: Int, of count: Int) {
        if events.isEmpty { events = [Int](repeating: 0, count: count) }
        if events.indices.contains(place) { events[place] += 1 }
    }

    package mutating func addSample(isClosing: Bool) {
        preparingSamples += 1
        if isClosing { closingSamples += 1 }
    }

    /// What it attempts from now on is its program's own.
    package mutating func addExec() { hasExecuted = true }

    /// Those of a process that is no spawn join those of the others that are none.
    package mutating func addFailures(of other: SpawnObservations) {
        for (failure, count) in other.failures { addFailure(failure, count) }
        otherFailures += other.otherFailures
    }
}
