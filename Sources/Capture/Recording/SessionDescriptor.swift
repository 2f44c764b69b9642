import LinuxSystem

/// The written session, open for reading as long as this lives: its name may lead to another file by now.
package final class SessionDescriptor: Sendable {
    package let number: Int32
    /// Leads to it, in this process and its children that keep the descriptor.
    package var path: String { "/proc/self/fd/\(number)" }

    init(_ number: Int32) { self.number = number }

    deinit { _ = OwnedDescriptor(number) }
}
