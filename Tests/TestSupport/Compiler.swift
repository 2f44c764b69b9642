import Glibc

/// Runs the C compiler for tests that want a real file.
public enum Compiler {
    /// A directory of its own for `body`, removed afterwards.
    public static func withDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
        var template = Array("/tmp/spawnscope-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CompilerFailure(status: errno) }
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { _ = try? run(["rm", "-rf", path]) }
        return try body(path)
    }

    /// Compiles `source` with `cc` to `DIRECTORY/program`.
    public static func program(_ source: String, _ options: [String], in directory: String) throws -> String {
        try write(Array(source.utf8), to: directory + "/source.c")
        try run(["cc", "-O1", "-w"] + options + ["-o", directory + "/program", directory + "/source.c"])
        return directory + "/program"
    }

    public static func write(_ bytes: [UInt8], to path: String) throws {
        let file = fopen(path, "we")
        guard let file else { throw CompilerFailure(status: errno) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw CompilerFailure(status: errno) }
    }

    public static func bytes(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "re") else { throw CompilerFailure(status: errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return bytes
    }

    public static func run(_ command: [String]) throws {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        defer { arguments.forEach { free($0) } }
        arguments.append(nil)
        var child = pid_t()
        let failure = posix_spawnp(&child, command[0], nil, nil, arguments, environ)
        guard failure == 0 else { throw CompilerFailure(status: failure) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw CompilerFailure(status: status) }
    }
}

public struct CompilerFailure: Error { public var status: Int32 }
