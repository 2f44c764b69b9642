package import Folding
package import Profiles
import Session

extension HandmadeSession {
    /// The lines of a fold of spawns or of samples.
    package func fold(_ parts: [FramePart], weight: Weight = .spawns, root: Int32? = 10) throws -> [String] {
        try withSession(root: root) { session in
            let fold = SpawnFold(session, SpawnFold.Options(parts: parts, weight: weight))
            return Self.lines(fold.tree, fold.names)
        }
    }

    /// The lines of a fold of one event's samples.
    package func fold(event: String?, usesPerfNames: Bool = false, weight: Weight = .period, passes: Int = 1) throws
        -> [String]
    {
        try withSession(root: nil) { recorded in
            var options = EventFold.Options(event: event, usesPerfNames: usesPerfNames, weight: weight)
            options.passes = passes
            options.pieceBits = 9
            let fold = try EventFold(recorded, options)
            return Self.lines(fold.tree, fold.names)
        }
    }

    package static func lines(_ tree: CallTree, _ names: NameTable) -> [String] {
        var bytes: [UInt8] = []
        FoldedText(tree, names: names).write { piece in
            bytes += piece
            return true
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
