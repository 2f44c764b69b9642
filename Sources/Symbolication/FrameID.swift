/// The number of a frame's text: a symbol of an image, or the lack of one. Numbers are dense, from 0.
package struct FrameID: Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A frame that perf's folding drops, such as one named `(anonymous namespace)::f`; it must not appear in a stack.
    /// Only `NameStyle.perf` has such frames.
    package static let omitted = FrameID(rawValue: 0)
    /// An address in no image: `[unknown]`.
    package static let unknown = FrameID(rawValue: 1)
}

/// How frames are named.
package enum NameStyle: Sendable {
    /// Exactly what `perf script` of Linux 6.1 and `stackcollapse-perf.pl` print.
    case perf
    /// The best known name: a return address counts as its call, names are readable, and every PLT stub has one.
    case best
}
