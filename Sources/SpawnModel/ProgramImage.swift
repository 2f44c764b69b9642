/// A program that a process became by an exec.
package struct ProgramImage: Hashable, Sendable {
    /// As passed to the exec; `nil` if that was not seen.
    package var path: String?
    /// The file that was mapped to run it, for a script its interpreter; `nil` if the session does not record it.
    package var file: String?

    package init(path: String?, file: String? = nil) {
        self.path = path
        self.file = file
    }

    /// The path that the caller passed, unless it is a descriptor, whose number says nothing about the program.
    package var name: String {
        guard let path else { return file ?? "[unknown]" }
        return path.hasPrefix(Self.descriptors) ? file ?? path : path
    }

    /// How the kernel names a file that it was given by descriptor (alloc_bprm in fs/exec.c).
    private static let descriptors = "/dev/fd/"
}
