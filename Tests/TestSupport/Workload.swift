/// The programs of Tests/Workloads.
public enum Workload {
    /// Compiles NAME.c with frame pointers to `DIRECTORY/NAME`; a script is used where it is.
    public static func build(_ name: String, in directory: String) throws -> String {
        let sources = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Workloads"
        guard !name.hasSuffix(".sh") else { return "\(sources)/\(name)" }
        let program = "\(directory)/\(name)"
        try Compiler.run([
            "gcc", "-std=gnu11", "-O2", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-o", program,
            "\(sources)/\(name).c",
        ])
        return program
    }
}
