/// A program that a process became by an exec.
package struct ProgramImage: Hashable, Sendable {
    /// As passed to the exec; `nil` where that was not seen.
    package var path: String?
    /// The file that was mapped to run it, a script's interpreter too; `nil` where the session does not tell.
    package var file: String?

    package init(path: String?, file: String? = nil) {
        self.path = path
        self.file = file
    }

    /// What it is called: by the path that its caller wrote, unless that is a descriptor, whose number says nothing of the program.
    package var name: String {
        guard let path else { return file ?? "[unknown]" }
        return path.hasPrefix(Self.descriptors) ? file ?? path : path
    }

    /// What the kernel calls a file that it was given by descriptor (alloc_bprm in fs/exec.c).
    private static let descriptors = "/dev/fd/"
}
