import PerfData

/// A file that others were recorded under the same path with: in another mount namespace, or one after the other.
struct IdentifiedFile: Hashable, Sendable {
    private let file: ExecutableFile
    private let buildID: [UInt8]

    init(_ file: ExecutableFile, buildID: [UInt8]) {
        self.file = file
        self.buildID = buildID
    }

    /// As the session has it.
    var json: JSONValue {
        .object([
            "path": .string(bytes: file.path),
            "major": .integer(Int64(file.major)),
            "minor": .integer(Int64(file.minor)),
            "inode": .unsigned(file.inode),
            "build_id": .string(String(buildID.flatMap { Self.digits($0) })),
        ])
    }

    private static func digits(_ byte: UInt8) -> [Character] {
        let digits = Array("0123456789abcdef")
        return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
