internal import Glibc

/// What of a file is on disk.
enum FileExtent {
    /// By stat(2), which counts in 512 bytes: a file's size is what it says of itself, holes included.
    static func bytesOnDisk(_ descriptor: Int32) -> UInt64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, let blocks = UInt64(exactly: status.st_blocks) else { return 0 }
        return blocks.multipliedReportingOverflow(by: 512).partialValue
    }

    /// SEEK_DATA and SEEK_HOLE of lseek(2), which the importer does not see.
    private static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4

    /// The next stretch with bytes from an offset on; `nil` where holes alone follow. All of it where the file system does not say.
    static func data(_ descriptor: Int32, from offset: Int, size: Int) -> Range<Int>? {
        guard offset < size else { return nil }
        let start = lseek(descriptor, off_t(offset), seekData)
        if start < 0 { return errno == ENXIO ? nil : offset..<size }
        let end = lseek(descriptor, start, seekHole)
        guard start < size else { return nil }
        return start..<(end > start ? min(end, size) : size)
    }
}
