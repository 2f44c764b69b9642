/// Which part of a stack a frame belongs to.
package enum FrameLayer: UInt8, CaseIterable, Hashable, Sendable {
    /// Nothing is known of it.
    case unknown
    /// A command: a comm of the chain from the root down, or of the sampled thread.
    case ancestry
    /// A function on the spawner's stack.
    case callsite
    /// What was executed.
    case program
    case phase
    /// A function of a sample, in user mode and in the kernel.
    case user
    case kernel
}
