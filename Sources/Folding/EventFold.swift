internal import PerfData
internal import PerfRecords
package import Profiles
internal import Replay
package import Session
internal import Symbolication

/// Folds the samples of one event into a call tree, `comm;outermost;…;innermost`.
///
/// With two CPUs, a large recording is folded in two passes side by side, each over all records and half of the
/// samples: what names a sample is in the records before it, and following those is a small part of the work.
package struct EventFold {
    package struct Options: Hashable, Sendable {
        /// `nil`: the event of the first sample.
        package var event: String?
        /// Names and counts exactly as `perf script | stackcollapse-perf.pl` gives them.
        package var usesPerfNames: Bool
        package var weight: Weight
        /// Whether inlined functions are frames; not with perf's names.
        package var showsInlined: Bool
        /// `nil`: as many as the recording's size and the CPUs suggest.
        package var passes: Int?
        /// The passes take pieces of the file in turn. This is the size of a piece in bytes, as a power of two.
        package var pieceBits = 20
        package init(
            event: String? = nil, usesPerfNames: Bool = false, weight: Weight = .period, showsInlined: Bool = false
        ) {
            self.event = event
            self.usesPerfNames = usesPerfNames
            self.weight = weight
            self.showsInlined = showsInlined
        }
    }

    package private(set) var tree: CallTree
    package private(set) var names: NameTable
    package private(set) var notes: FoldNotes
    /// The name of the event that was folded; `nil` when the file has no samples.
    package let event: String?

    package init(_ session: Session, _ options: Options) throws(EventFoldError) {
        let isShared = Self.isShared(session.file, options)
        var share = FoldPass.Share(number: 0, count: isShared ? 2 : 1, pieceBits: options.pieceBits)
        let symbolizer = Symbolizer(session, style: options.usesPerfNames ? .perf : .best)
        var pass = try FoldPass(session, options, symbolizer, share)
        var second: FoldPass?
        if isShared {
            let other = Symbolizer(session, style: symbolizer.style, sharing: symbolizer)
            symbolizer.shareTables(with: other)
            share.number = 1
            second = Self.run(&pass, beside: try FoldPass(session, options, other, share))
        } else {
            symbolizer.readAhead()
            pass.run()
        }
        (tree, names, notes, event) = (pass.tree, pass.names, pass.notes, pass.event)
        if let second { add(second) }
    }

    /// Fewer bytes of records than this are folded by one CPU before a second one has begun.
    private static let leastSize = 16 << 20

    private static func isShared(_ file: PerfDataFile, _ options: Options) -> Bool {
        // Counter values count from the sample before, in either pass; and libdw must not be used by two threads.
        guard !options.showsInlined, !file.events.contains(where: { EventShape($0).isRead }) else { return false }
        if let passes = options.passes { return passes > 1 }
        // Stack dumps are nearly all of such a file, and both passes would have to read past them.
        guard !file.events.contains(where: { $0.attributes.sampleStackUser > 0 }) else { return false }
        return file.dataSize >= leastSize && SecondCPU.isThere
    }

    private final class Box {
        var pass: FoldPass
        init(_ pass: FoldPass) { self.pass = pass }
    }

    private static func run(_ own: inout FoldPass, beside other: FoldPass) -> FoldPass {
        // Only the other thread uses it until both are done.
        nonisolated(unsafe) let box = Box(other)
        SecondCPU.run({ unsafe box.pass.run() }, beside: { own.run() })
        return unsafe box.pass
    }

    private mutating func add(_ other: FoldPass) {
        var known: [NameTable.ID?] = Array(repeating: nil, count: other.names.count)
        tree.add(other.tree) { id in
            if let name = known[Int(id.rawValue)] { return name }
            let name = names.intern(other.names[id])
            known[Int(id.rawValue)] = name
            return name
        }
        notes.add(share: other.notes)
    }
}

package enum EventFoldError: Error, Hashable, Sendable {
    /// No event of that name; these are the file's.
    case unknownEvent(String, known: [String])
}
