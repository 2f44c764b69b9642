/// The comm of every thread at the present moment of a replay, as COMM and FORK records tell it.
///
/// A comm has at most 15 bytes (TASK_COMM_LEN), which Swift keeps inside the String: nothing here allocates per record.
/// An ended thread's name is kept for a while, since events of its end may come behind its EXIT record, and is forgotten
/// then: what is kept does not grow with the threads that ever were.
package struct ThreadNames {
    private struct Entry {
        var name: String
        /// The number of the exit that ended the thread; 0 while it lives.
        var exit: UInt64 = 0
    }

    /// How many ended threads are remembered.
    static let remembered = 8192

    private var names: [Int32: Entry] = [:]
    /// The latest exits, in a ring: exit number n stands at n modulo its size.
    private var ended: [Int32] = []
    private var exits: UInt64 = 0
    /// Goes up whenever a name may have changed.
    package private(set) var version: UInt64 = 0

    package init() {}

    /// The comm, `nil` for a thread of which no record told one. Thread 0 is the idle task, `swapper`.
    package subscript(thread: Int32) -> String? {
        thread == 0 ? "swapper" : names[thread]?.name
    }

    package mutating func rename(_ thread: Int32, to name: String) {
        version &+= 1
        names[thread] = Entry(name: name)
    }

    /// A new task starts with its creator's name.
    package mutating func fork(parent: Int32, child: Int32) {
        version &+= 1
        names[child] = self[parent].map { Entry(name: $0) }
    }

    /// The thread ended. What its number comes to mean later is not forgotten with it.
    package mutating func exit(_ thread: Int32) {
        guard names[thread] != nil else { return }
        exits &+= 1
        names[thread]?.exit = exits
        guard ended.count == Self.remembered else { return ended.append(thread) }
        let place = Int(truncatingIfNeeded: (exits &- 1) % UInt64(Self.remembered))
        let oldest = ended[place]
        if names[oldest]?.exit == exits &- UInt64(Self.remembered) {
            names[oldest] = nil
            version &+= 1
        }
        ended[place] = thread
    }
}
