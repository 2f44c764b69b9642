/// The states of processes by pid. A state stays in its place and is changed there: it takes half a kilobyte, and a
/// dictionary would move it out and back in for each of the dozen changes of a spawn.
struct ProcessTable {
    private var places: [Int32: Int] = [:]
    /// A vacant entry keeps its old state until another process takes its place.
    private var states: [ProcessState] = []
    private var vacancies: [Int] = []
    /// The place of the newest event's process, which is looked up several times, often for the next event, too.
    private var newest: (pid: Int32, place: Int)?

    func contains(_ pid: Int32) -> Bool { place(of: pid) != nil }

    private func place(of pid: Int32) -> Int? {
        if let newest, newest.pid == pid { return newest.place }
        return places[pid]
    }

    /// Returns whether there is such a process, and caches its place for the lookups that follow.
    mutating func turn(to pid: Int32) -> Bool {
        guard let place = place(of: pid) else { return false }
        newest = (pid, place)
        return true
    }

    /// `nil` if there is no such process.
    @inline(__always)
    func read<Value>(_ pid: Int32, _ body: (borrowing ProcessState) -> Value) -> Value? {
        guard let place = place(of: pid) else { return nil }
        return body(states.span[place])
    }

    /// Changes the state in place; `nil` if there is no such process.
    @inline(__always) @discardableResult
    mutating func update<Value>(_ pid: Int32, _ body: (inout ProcessState) -> Value) -> Value? {
        guard let place = place(of: pid) else { return nil }
        return body(&states[place])
    }

    mutating func insert(_ state: consuming ProcessState, for pid: Int32) {
        if let place = place(of: pid) {
            states[place] = state
        } else if let place = vacancies.popLast() {
            places[pid] = place
            states[place] = state
        } else {
            places[pid] = states.count
            states.append(state)
        }
    }

    mutating func remove(_ pid: Int32) -> ProcessState? {
        guard let place = places.removeValue(forKey: pid) else { return nil }
        vacancies.append(place)
        if newest?.pid == pid { newest = nil }
        return states[place]
    }

    /// Calls `body` with each pid and its state, in no particular order.
    func forEach(_ body: (Int32, borrowing ProcessState) -> Void) {
        for (pid, place) in places { body(pid, states.span[place]) }
    }
}
