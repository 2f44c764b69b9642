package import SpawnModel

/// What a walk over a session saw of a spawn besides its own value.
package struct SpawnObservations: Hashable, Sendable {
    /// Its failed exec attempts.
    package private(set) var failures: [FailureTable.Failure: Int] = [:]
    /// Attempts that failed in further ways, once `mostFailures` ways are counted.
    package private(set) var otherFailures = 0
    /// The failures before its first successful exec, as a search for one name.
    var search = PathSearch()
    /// CPU samples of its `prepare`, and those of them that were closing a descriptor.
    package private(set) var preparingSamples = 0
    package private(set) var closingSamples = 0
    /// How often each requested event happened in it, in the order of `Report.events`; empty if none were requested.
    package private(set) var events: [Int] = []
    private var hasExecuted = false

    /// Bounds the memory that a process with made-up paths can take.
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

    /// `count`: how many events were requested; `place` is less. The first event of a process makes room for all.
    package mutating func addEvent(_ place: Int, of count: Int) {
        if events.isEmpty { events = [Int](repeating: 0, count: count) }
        if events.indices.contains(place) { events[place] += 1 }
    }

    package mutating func addSample(isClosing: Bool) {
        preparingSamples += 1
        if isClosing { closingSamples += 1 }
    }

    /// Attempts from now on are made by its program.
    package mutating func addExec() { hasExecuted = true }

    /// Adds the failures of one process that is not a spawn to those of the others.
    package mutating func addFailures(of other: SpawnObservations) {
        for (failure, count) in other.failures { addFailure(failure, count) }
        otherFailures += other.otherFailures
    }
}
