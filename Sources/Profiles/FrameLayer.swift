/// Which part of a stack a frame belongs to.
package enum FrameLayer: UInt8, CaseIterable, Hashable, Sendable {
    /// The layer is not known.
    case unknown = 0
    /// A container or a unit.
    case group = 7
    /// A command: the comm of a process in the chain from the root down, or of the sampled thread.
    case ancestry = 1
    /// A function on the spawner's stack.
    case callsite
    /// An executed program.
    case program
    case phase
    /// A function on a sample's stack: `user` in user mode, `kernel` in the kernel.
    case user
    case kernel
}
