import Glibc

/// The programs of Tests/Workloads.
public enum Workload {
    /// How a C program is compiled.
    public enum Build: Sendable {
        case framePointers
        /// As distributions build: no frame pointers.
        case bare
        /// Without frame pointers, and with the C library linked in.
        case bareStatic

        var flags: [String] {
            switch self {
            case .framePointers: ["-fno-omit-frame-pointer"]
            case .bare: ["-fomit-frame-pointer"]
            case .bareStatic: ["-fomit-frame-pointer", "-static"]
            }
        }
    }

    /// The repository's directory.
    public static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    /// Compiles NAME.c, or NAME.cpp, to `DIRECTORY/NAME`; a script is used where it is.
    public static func build(_ name: String, _ build: Build = .framePointers, in directory: String) throws -> String {
        let source = "\(root)/Tests/Workloads/\(name)"
        let program = "\(directory)/\(name)"
        if access(source, R_OK) == 0 { return source }
        let isC = access(source + ".c", R_OK) == 0
        let compiler = isC ? ["gcc", "-std=gnu11"] : ["g++", "-std=c++17", "-pthread"]
        try Compiler.run(
            compiler + ["-O2", "-fno-optimize-sibling-calls"] + build.flags
                + ["-o", program, source + (isC ? ".c" : ".cpp")])
        return program
    }

    /// A program that Scripts/build-workloads.sh built because this machine has its compiler; `nil` where it did not.
    public static func prebuilt(_ name: String) -> String? {
        let directory = getenv("SPAWNSCOPE_WORKLOADS").map { String(cString: $0) } ?? "\(root)/.build/workloads"
        let path = "\(directory)/\(name)"
        return access(path, R_OK) == 0 ? path : nil
    }
}
