/// How much is drawn.
public struct LayoutLimits: Hashable, Sendable {
    /// Frames of a smaller share of the whole, from 0 to 1, are left out.
    public var leastShare = 0.0001
    /// The narrowest go where there would be more.
    public var mostFrames = 20_000
    /// Levels, the root's included.
    public var mostDepth = 1024
    public init() {}
}
