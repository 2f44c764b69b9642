/// A program or a call site, on both sides.
package struct ComparedScope: Hashable, Sendable {
    package enum Presence: String, Hashable, Sendable {
        case both
        /// Only in the head.
        case new
        /// Only in the base.
        case vanished
    }

    package var scope: Scope
    package var presence: Presence
    package var rows: [ComparedRow]
    /// The change of the mean spawns per run, and of the mean overhead in nanoseconds; `nil` if the overhead is not
    /// known.
    package var spawnsChange: Double
    package var overheadChange: Double?
    /// Its share, from 0 to 1, of the absolute changes of all programs or all call sites: of the overhead, or of the
    /// spawns if the overhead of any is unknown or none changed.
    package var share: Double

    init(_ scope: Scope, base: [ScopeFigures?], head: [ScopeFigures?], rows: [ComparedRow]) {
        self.scope = scope
        self.rows = rows
        presence =
            base.allSatisfy { $0 == nil } ? .new : head.allSatisfy { $0 == nil } ? .vanished : .both
        spawnsChange = Self.change(base, head) { Double($0.counts[.spawns] ?? 0) }
        let isKnown = (base + head).allSatisfy { $0.map { $0.overheadSum != nil } ?? true }
        overheadChange = isKnown ? Self.change(base, head) { Double($0.overheadSum ?? 0) } : nil
        share = 0
    }

    private static func change(
        _ base: [ScopeFigures?], _ head: [ScopeFigures?], _ value: (ScopeFigures) -> Double
    ) -> Double {
        func mean(_ side: [ScopeFigures?]) -> Double {
            side.reduce(0) { $0 + ($1.map(value) ?? 0) } / Double(max(side.count, 1))
        }
        return mean(head) - mean(base)
    }

    /// Sets the shares and sorts by them, the largest first.
    static func ranked(_ scopes: [ComparedScope]) -> [ComparedScope] {
        func size(_ scope: ComparedScope, _ usesOverhead: Bool) -> Double {
            abs(usesOverhead ? scope.overheadChange ?? 0 : scope.spawnsChange)
        }
        // Either all shares are of overhead or all are of spawns: the two cannot be added up.
        let overhead = scopes.reduce(0) { $0 + size($1, true) }
        let usesOverhead = overhead > 0 && scopes.allSatisfy { $0.overheadChange != nil }
        let whole = scopes.reduce(0) { $0 + size($1, usesOverhead) }
        return scopes.map { scope in
            var scope = scope
            scope.share = whole > 0 ? size(scope, usesOverhead) / whole : 0
            return scope
        }.sorted {
            ($1.share, abs($1.spawnsChange), $0.scope.sortingName)
                < ($0.share, abs($0.spawnsChange), $1.scope.sortingName)
        }
    }
}

extension Scope {
    var sortingName: String {
        switch self {
        case .whole: ""
        case .program(let path): path
        case .callSite(let key): (key.comm ?? "") + ";" + key.frames.joined(separator: ";")
        }
    }
}
