/// Bytes that are missing in the dump of a stack: a long stack is recorded by its two ends.
public struct StackGap: Equatable, Sendable {
    /// How many bytes of the dump come before.
    public let offset: Int
    /// How many bytes are missing.
    public let size: UInt64

    /// `nil` if no stack is that long.
    public init?(offset: Int, size: UInt64) {
        guard offset >= 0, size > 0, size <= StackMemory.largestStack else { return nil }
        (self.offset, self.size) = (offset, size)
    }
}
