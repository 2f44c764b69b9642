/// The states of processes by their pids. A state stays where it was put and is changed there: it is half a kilobyte, and a
/// dictionary of them would move it out and back in for each of the dozen changes of a spawn.
struct ProcessTable {
    private var places: [Int32: Int] = [:]
    /// A vacant one is still what it was, until another process takes its place.
    private var states: [ProcessState] = []
    private var vacancies: [Int] = []
    /// Where the process of the newest event stands: an event asks for its own several times, and the next is often of the same.
    private var newest: (pid: Int32, place: Int)?

    func contains(_ pid: Int32) -> Bool { place(of: pid) != nil }

    private func place(of pid: Int32) -> Int? {
        if let newest, newest.pid == pid { return newest.place }
        return places[pid]
    }

    /// Whether there is such a process, which is the one that will be asked for.
    mutating func turn(to pid: Int32) -> Bool {
        guard let place = place(of: pid) else { return false }
        newest = (pid, place)
        return true
    }

    /// `nil` where there is no such process.
    @inline(__always)
    func read<Value>(_ pid: Int32, _ body: (borrowing ProcessState) -> Value) -> Value? {
        guard let place = place(of: pid) else { return nil }
        return body(states.span[place])
    }

    /// Changes it in place; `nil` where there is no such process.
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

    /// Each with its pid, in no order.
    func forEach(_ body: (Int32, borrowing ProcessState) -> Void) {
        for (pid, place) in places { body(pid, states.span[place]) }
    }
}
