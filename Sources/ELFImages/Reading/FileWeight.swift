/// A file that was read, and how many bytes of it are on disk.
package struct FileWeight: Hashable, Sendable {
    package var identity: FileIdentity
    package var bytesOnDisk: UInt64

    package init(identity: FileIdentity, bytesOnDisk: UInt64) {
        self.identity = identity
        self.bytesOnDisk = bytesOnDisk
    }

    /// The size of a regular ELF file in bytes; `nil` for any other file, or if it cannot be opened.
    package static func size(ofRegularFile path: String) -> Int? {
        guard let descriptor = try? OpenImage(readingRegularFile: path) else { return nil }
        return Int(exactly: descriptor.size)
    }
}
