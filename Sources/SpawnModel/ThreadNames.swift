/// The comm of every thread at the current point of a replay, from COMM and FORK records.
///
/// The kernel's comms have at most 15 bytes (TASK_COMM_LEN), which Swift keeps inside the String, so nothing here allocates
/// per record of its own; other recorders put whole commands there, which `RecordReplay` cuts. Names are as recorded, not safe to
/// print. An ended thread's name is kept for a while, since events of its end may follow its EXIT record, and then
/// forgotten, so that memory does not grow with the number of threads that ever existed.
package struct ThreadNames {
    private struct Entry {
        var name: String
        /// The number of the exit that ended the thread; 0 while it lives.
        var exit: UInt64 = 0
    }

    /// How many ended threads are remembered.
    static let remembered = 8192

    private var names: [Int32: Entry] = [:]
    /// The latest exits, in a ring: exit number n, counted from 1, is at n - 1 modulo its size.
    private var ended: [Int32] = []
    private var exits: UInt64 = 0
    /// Goes up whenever a name may have changed.
    package private(set) var version: UInt64 = 0

    package init() {}

    /// The comm; `nil` for a thread without one in any record. Thread 0 is the idle task, `swapper`.
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

    /// The thread ended. If its id is reused, the name of the new thread is not forgotten with it.
    package mutating func exit(_ thread: Int32) {
        guard (names[thread]?.exit = exits &+ 1) != nil else { return }
        exits &+= 1
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
