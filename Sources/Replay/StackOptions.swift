package import Symbolication

/// How stacks are read.
package struct StackOptions: Hashable, Sendable {
    package var style: NameStyle
    /// User stacks were unwound when the session was packed; their callchains are the result.
    package var isPacked: Bool
    /// Whether kernel frames are named and kept. The kernel has many symbols, which are read only if needed.
    package var wantsKernel = true
    /// Whether lines are looked up, and whether inlined functions are frames of their own. No effect in perf's style.
    package var wantsLines = false
    package var showsInlined = false

    package init(style: NameStyle, isPacked: Bool) { (self.style, self.isPacked) = (style, isPacked) }

    package var isPerfStyle: Bool { style == .perf }
}
