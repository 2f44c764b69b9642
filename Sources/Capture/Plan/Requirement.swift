/// What a recording is to tell, or not to be made at all. Each has what those before it have.
package enum Requirement: String, CaseIterable, Comparable, Hashable, Sendable {
    /// Spawns, execs and programs.
    case counts
    /// Call sites.
    case stacks
    /// Every border of a spawn's life, and who was waited for.
    case phases

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
