/// A file that was read, and how many bytes of it are on disk.
package struct FileWeight: Hashable, Sendable {
    package var identity: FileIdentity
    package var bytesOnDisk: UInt64

    package init(identity: FileIdentity, bytesOnDisk: UInt64) {
        self.identity = identity
        self.bytesOnDisk = bytesOnDisk
    }

    /// What a regular file says of its size; `nil` for anything else, and for what cannot be read.
    package static func size(ofRegularFile path: String) -> Int? {
        guard let descriptor = try? OpenImage(readingRegularFile: path) else { return nil }
        return Int(exactly: descriptor.size)
    }
}
