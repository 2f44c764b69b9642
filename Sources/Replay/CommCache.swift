package import Profiles

/// The comms of recently sampled threads, in slots chosen by thread id: every sample needs one.
package struct CommCache {
    package struct Comm {
        package let name: NameTable.ID
        /// The comm begins with `java`: for such threads stackcollapse-perf.pl tidies the names of frames.
        package let isJava: Bool
        /// The node below which its stacks are; the root of the tree until it has one.
        package fileprivate(set) var root = CallTree.root

        package init(_ text: String, name: NameTable.ID) {
            self.name = name
            isJava = text.hasPrefix("java")
        }
    }

    private struct Entry {
        let thread: Int32
        /// `ThreadNames.version` when the name was looked up.
        var version: UInt64
        let text: String
        var comm: Comm
    }

    private var entries = [Entry?](repeating: nil, count: 256)

    package init() {}

    private static func place(_ thread: Int32) -> Int { Int(UInt8(truncatingIfNeeded: thread)) }

    package func comm(of thread: Int32, version: UInt64) -> Comm? {
        let place = Self.place(thread)
        // Field by field in place: a copy of the entry would retain and release its text.
        guard entries[place]?.thread == thread, entries[place]?.version == version else { return nil }
        return entries[place]?.comm
    }

    /// Revalidates the comm of a thread if it is still `text`: the version changes with other threads' names, too.
    package mutating func keep(_ text: String, of thread: Int32, version: UInt64) -> Comm? {
        let place = Self.place(thread)
        guard let known = entries[place], known.thread == thread, known.text == text else { return nil }
        entries[place]?.version = version
        return known.comm
    }

    package mutating func insert(_ text: String, of thread: Int32, version: UInt64, name: NameTable.ID) -> Comm {
        let comm = Comm(text, name: name)
        entries[Self.place(thread)] = Entry(thread: thread, version: version, text: text, comm: comm)
        return comm
    }

    package mutating func setRoot(_ root: CallTree.Node, of thread: Int32, _ comm: Comm) {
        let place = Self.place(thread)
        if entries[place]?.thread == thread, entries[place]?.comm.name == comm.name { entries[place]?.comm.root = root }
    }
}
