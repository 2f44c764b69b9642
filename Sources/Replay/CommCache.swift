package import Profiles

/// The comms of the threads that were sampled last, in places that their numbers choose: asked for by every sample.
package struct CommCache {
    package struct Comm {
        package let name: NameTable.ID
        /// The folding script tidies the names of frames where the comm begins so.
        package let isJava: Bool
        /// The root of its stacks; the tree's own as long as it has none.
        package fileprivate(set) var root = CallTree.root

        package init(_ text: String, name: NameTable.ID) {
            self.name = name
            isJava = text.hasPrefix("java")
        }
    }

    private struct Entry {
        let thread: Int32
        /// `ThreadNames.version` when the name was asked for.
        var version: UInt64
        let text: String
        var comm: Comm
    }

    private var entries = [Entry?](repeating: nil, count: 256)

    package init() {}

    private static func place(_ thread: Int32) -> Int { Int(UInt8(truncatingIfNeeded: thread)) }

    package func comm(of thread: Int32, version: UInt64) -> Comm? {
        let place = Self.place(thread)
        // Field by field in place: the text would be counted in and out.
        guard entries[place]?.thread == thread, entries[place]?.version == version else { return nil }
        return entries[place]?.comm
    }

    /// The thread still has the comm that it had: other threads' names change all the time.
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
