/// A file that was read, and how many bytes of it are on disk.
public struct FileWeight: Hashable, Sendable {
    public var identity: FileIdentity
    public var bytesOnDisk: UInt64

    public init(identity: FileIdentity, bytesOnDisk: UInt64) {
        self.identity = identity
        self.bytesOnDisk = bytesOnDisk
    }
}
