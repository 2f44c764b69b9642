/// Limits on what is drawn.
package struct LayoutLimits: Hashable, Sendable {
    /// Frames with a smaller share of the whole (0 to 1) are left out.
    package var leastShare = 0.0001
    /// At most this many frames are drawn; the narrowest are left out.
    package var mostFrames = 20_000
    /// The most levels, the root's included.
    package var mostDepth = 1024
    package init() {}
}
