internal import Glibc

/// Which parts of a file occupy disk space.
enum FileExtent {
    /// Bytes that a file occupies, from the 512-byte blocks of stat(2): its size would include holes.
    static func bytesOnDisk(_ descriptor: Int32) -> UInt64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, let blocks = UInt64(exactly: status.st_blocks) else { return 0 }
        return blocks.multipliedReportingOverflow(by: 512).partialValue
    }

    /// SEEK_DATA and SEEK_HOLE of lseek(2), which Swift does not import.
    private static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4

    /// The next range with data at or after `offset`; `nil` if only holes follow. The rest of the file if the
    /// filesystem does not report holes.
    static func data(_ descriptor: Int32, from offset: Int, size: Int) -> Range<Int>? {
        guard offset < size else { return nil }
        let start = lseek(descriptor, off_t(offset), seekData)
        if start < 0 { return errno == ENXIO ? nil : offset..<size }
        let end = lseek(descriptor, start, seekHole)
        guard start < size else { return nil }
        return start..<(end > start ? min(end, size) : size)
    }
}
