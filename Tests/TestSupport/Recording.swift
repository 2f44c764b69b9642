/// A recording of `Recordings/`, and files in memory made from it.
package struct Recording {
    package let name: String
    package var bytes: [UInt8]

    package static let names = ["single", "several", "pipe", "tracepoint", "spawns", "session", "lifecycle"]

    package init(_ name: String) throws {
        self.name = name
        bytes = try Self.read("\(name).data")
        // Another kernel's on every machine: reading the symbols of the one that runs would take longer than all else.
        let release = Array("6.18.44-fc".utf8)
        for start in bytes.indices where bytes[start...].starts(with: release) { bytes[start] = UInt8(ascii: "0") }
    }

    /// The lines of one of the folded files.
    package static func lines(_ file: String) throws -> [String] {
        String(decoding: try read(file), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Where a file of `Recordings/` is.
    package static func path(_ file: String) -> String { Workload.root + "/Tests/TestSupport/Recordings/\(file)" }

    private static func read(_ file: String) throws -> [UInt8] { try Compiler.bytes(path(file)) }
}
