/// A file that was read, and how many bytes of it are on disk.
public struct FileWeight: Hashable, Sendable {
    public var identity: FileIdentity
    public var bytesOnDisk: UInt64

    public init(identity: FileIdentity, bytesOnDisk: UInt64) {
        self.identity = identity
        self.bytesOnDisk = bytesOnDisk
    }

    /// What a regular file says of its size; `nil` for anything else, and for what cannot be read.
    public static func size(ofRegularFile path: String) -> Int? {
        guard let descriptor = try? OpenImage(readingRegularFile: path) else { return nil }
        return Int(exactly: descriptor.size)
    }
}
