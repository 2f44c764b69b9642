package import Profiles

/// The functions that show, in a sample's stack, that a thread was closing a descriptor.
package enum ClosingFunction {
    /// Functions of libc and of Go's syscall package; one of them is the innermost user frame.
    private static let user: Set<String> = [
        "close", "__close", "__libc_close", "__GI___close", "__close_nocancel", "__GI___close_nocancel",
        "syscall.Close",
    ]
    /// The kernel's entry of close(2), by its names on different architectures and kernels.
    private static let kernel: Set<String> = [
        "__x64_sys_close", "__arm64_sys_close", "__se_sys_close", "__do_sys_close", "ksys_close",
    ]

    /// Whether the stack that was read last is inside close(2); `close_range` does not count.
    package static func isInnermost(in stack: StackReader, _ names: NameTable) -> Bool {
        if stack.names[..<stack.kernelCount].contains(where: { kernel.contains(names[$0]) }) { return true }
        guard stack.kernelCount < stack.names.count else { return false }
        return user.contains(names[stack.names[stack.kernelCount]])
    }
}
