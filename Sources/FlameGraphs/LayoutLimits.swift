/// How much is drawn.
package struct LayoutLimits: Hashable, Sendable {
    /// Frames of a smaller share of the whole, from 0 to 1, are left out.
    package var leastShare = 0.0001
    /// The narrowest go where there would be more.
    package var mostFrames = 20_000
    /// Levels, the root's included.
    package var mostDepth = 1024
    package init() {}
}
