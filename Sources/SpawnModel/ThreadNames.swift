/// The comm of every thread at the present moment of a replay, as COMM and FORK records tell it.
///
/// A comm has at most 15 bytes (TASK_COMM_LEN), which Swift keeps inside the String: nothing here allocates per record.
public struct ThreadNames {
    private var names: [Int32: String] = [:]

    public init() {}

    /// The comm, `nil` for a thread of which no record told one. Thread 0 is the idle task, `swapper`.
    public subscript(thread: Int32) -> String? {
        thread == 0 ? "swapper" : names[thread]
    }

    public mutating func rename(_ thread: Int32, to name: String) {
        names[thread] = name
    }

    /// A new task starts with its creator's name.
    public mutating func fork(parent: Int32, child: Int32) {
        names[child] = self[parent]
    }
}
